import time
from datetime import datetime,UTC
from papers import ingest
from papers.models import Source,Paper
import pytest
from tests.faults.test_hostile_sources import rss,item
from tests.faults.loopback import loopback,answer
@pytest.mark.django_db
@pytest.mark.timeout(500)
@pytest.mark.parametrize("pat",["{_","$_{","{","word "])
def test_x(pat):
    body=rss(*(item(f"T{n}",f"<description><![CDATA[{(pat*20000)[:19900]}]]></description>") for n in range(480)))
    print(len(body))
    with loopback() as s:
        url=s.says("/",answer(200,body))
        src=Source.objects.create(name="x",kind="feed",url=url)
        t=time.time()
        p=ingest.poll(src,datetime.now(UTC))
        print(repr(pat),time.time()-t,p.error,p.entries)

"""Vectors of texts: the words they are made of, the table, its training, and other models."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace

from papers.search import embeddings, tokenizer, word_bags, word_table, word_training
from papers.search.word_training import Pair, Settings

SMALL = Settings(epochs=20, batch=100)


def a_table(folder: Path, known: list[str], seed: int = 0, unknown_norm: float = 1.0) -> str:
    """Random rows for the words; returns the version."""
    rows = np.random.default_rng(seed).standard_normal((len(known), tokenizer.DIMENSIONS))
    table = word_table.make(known, rows.astype(np.float32), unknown_norm)
    word_table.write(folder, table)
    return table.version


def test_vector_has_length_one_and_near_texts_are_near():
    qubits, mended, cats = embeddings.embed(
        ["quantum error correction", "correcting errors of qubits", "pictures of cats"]
    )

    assert (qubits.shape, qubits.dtype) == ((256,), np.float32)
    assert abs(np.linalg.norm(qubits) - 1) < 1e-5
    assert qubits @ mended > qubits @ cats


@pytest.mark.parametrize("text", ["", " \n", "…!? —", "🙂", "\u0301"])
def test_text_without_a_word_has_no_direction(text):
    assert not embeddings.embed([text]).any()


def test_no_texts_give_no_rows():
    assert embeddings.embed([]).shape == (0, 256)


def test_same_text_has_the_same_vector_whatever_stands_beside_it():
    text = "Sparse attention for zyxwvu transformers"

    alone, beside = embeddings.embed([text])[0], embeddings.embed(["cats", text, ""])[1]

    assert (alone == beside).all()


def test_text_is_read_to_a_limit():
    text = "word " * (embeddings.MAX_TEXT_CHARS // 5)

    assert (embeddings.embed([text]) == embeddings.embed([text + "elephant"])).all()


def test_order_and_case_of_words_do_not_matter_but_repetition_does():
    first, second, third = embeddings.embed(
        ["Cats of Qubits", "qubits of CATS", "cats cats qubits"]
    )

    assert np.allclose(first, second)
    assert not np.allclose(first, third)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Schrödinger's Ångström", ["schrodinger", "s", "angstrom"]),
        ("ﬁne-tuned GPT-4", ["fine-tuned", "gpt-4", "fine", "tuned", "gpt", "4"]),
        ("-left- a--b", ["left", "a", "b"]),
        ("snake_case $\\mathbb{R}^2$", ["snake", "case", "mathbb", "r", "2"]),
        ("Обучение Сетей", ["обучение", "сетеи"]),
        ("Μηχανική μάθησΗ", ["μηχανικη", "μαθηση"]),
        ("τ-bench", ["τ-bench", "τ", "bench"]),
        ("العَرَبِيَّة", ["العربية"]),
        ("हिन्दी भाषा।", ["हिन्दी", "भाषा"]),
        ("深度学", ["深", "度", "学", "深度", "度学"]),
        ("ガス", ["ガ", "ス", "ガス"]),
        ("한국", ["한", "국", "한국"]),
        ("用BERT学", ["用", "bert", "学"]),
    ],
)
def test_words_of_a_text(text, expected):
    assert tokenizer.split_words(text) == expected


def test_very_long_run_of_letters_is_cut():
    assert tokenizer.split_words("a" * 1_000) == ["a" * tokenizer.MAX_WORD_CHARS]


def test_composed_and_decomposed_letters_are_the_same_word():
    assert (
        tokenizer.split_words("e\u0301cole é")
        == tokenizer.split_words("école e\u0301")
        == ["ecole", "e"]
    )


@pytest.mark.parametrize(
    "query, text, other",
    [
        ("обучение сетей", "глубокое обучение нейронных сетей", "квантовая теория поля"),
        ("深度学习", "一种深度学习方法", "量子场论"),
        ("기계 학습", "새로운 기계학습", "양자장 이론"),
        ("μηχανική μάθηση", "η μηχανική μάθηση σε γράφους", "κβαντική θεωρία"),
    ],
)
def test_every_script_finds_its_own(query, text, other):
    asked, near, far = embeddings.embed([query, text, other])

    assert asked @ near > 0.3 and asked @ near > asked @ far + 0.2


def test_unknown_name_finds_the_text_that_holds_it_and_touches_no_other():
    name, with_it, without_it = embeddings.embed(["Zyxwvunet", "The ZyxwvuNet of cats", "Of cats"])

    assert name @ with_it > 0.3
    assert abs(name @ without_it) < 0.3


def test_hyphenated_word_is_near_its_parts(tmp_path):
    a_table(tmp_path, ["fine", "tuning", "cat"])

    hyphenated, parts, cat = embeddings.embed(["fine-tuning", "fine tuning", "cat"], str(tmp_path))

    assert hyphenated @ parts > 0.7 > abs(hyphenated @ cat) + 0.4


def test_table_is_read_exactly_as_it_was_written(tmp_path):
    rows = np.random.default_rng(0).standard_normal((3, 256)).astype(np.float32)
    rows[1] = 0
    word_table.write(tmp_path, word_table.make(["one", "two", "drei"], rows, 1.5))

    table = word_table.load(tmp_path)

    small, scales = word_table.quantise(rows)
    assert (table.rows == small).all() and (table.scales == scales).all()
    assert np.abs(small * scales[:, None] - rows).max() <= scales.max() / 2 + 1e-6
    assert dict(table.numbers) == {"one": 0, "two": 1, "drei": 2}
    assert table.unknown_norm == 1.5
    assert np.allclose(table.vectors(["drei"]), small[2] * scales[2], rtol=1e-5)
    assert not table.vectors(["two"]).any()


def test_repeated_word_weighs_by_its_logarithm(tmp_path):
    a_table(tmp_path, ["cat"])
    table = word_table.load(tmp_path)

    once, thrice = table.vectors(["cat", "cat cat cat"])
    assert np.allclose(thrice, (1 + np.log(3)) * once)


def test_version_is_of_the_content(tmp_path):
    version = a_table(tmp_path / "a", ["cat", "dog"])

    assert a_table(tmp_path / "b", ["cat", "dog"]) == version
    assert a_table(tmp_path / "c", ["cat", "cow"]) != version
    assert a_table(tmp_path / "d", ["cat", "dog"], seed=1) != version
    assert a_table(tmp_path / "e", ["cat", "dog"], unknown_norm=2.0) != version
    assert embeddings.load(str(tmp_path / "a")).version == version
    assert embeddings.load().version not in ("", version)


def test_shipped_table_is_mapped_and_not_read_into_memory():
    table = word_table.load()

    assert isinstance(table.rows.base, np.memmap)
    assert table.rows.dtype == np.int8 and len(table.rows) == len(table.numbers) > 50_000


@pytest.mark.processes
def test_default_model_needs_numpy_alone():
    program = (
        "import sys; from papers.search import embeddings; embeddings.embed(['text']);"
        "print([m for m in ('django', 'wordllama', 'tokenizers', 'scipy') if m in sys.modules])"
    )

    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert (printed.stdout.strip(), printed.stderr) == ("[]", "")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "rows.npy").unlink(),
        lambda folder: (folder / "rows.npy").write_bytes(b"\x93NUMPY"),
        lambda folder: (folder / "table.json").write_text("{}"),
        lambda folder: (folder / "table.json").write_text('{"format": 99, "version": ""}'),
        lambda folder: (folder / "words.txt").write_text("one\n"),
    ],
)
def test_spoiled_table_is_named(tmp_path, spoil):
    a_table(tmp_path, ["one", "two"])
    spoil(tmp_path)

    with pytest.raises(embeddings.BadModel, match=str(tmp_path)):
        embeddings.embed(["text"], str(tmp_path))


def test_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(embeddings.BadModel, match=str(tmp_path)):
        embeddings.embed(["text"], str(tmp_path))


def test_missing_libraries_of_a_static_model_are_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tokenizers", None)

    with pytest.raises(embeddings.BadModel, match=r"pip install '\.\[model2vec\]'"):
        embeddings.embed(["text"], str(tmp_path))


def a_tokenizer() -> Tokenizer:
    """It knows two words."""
    tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "cat": 1, "dog": 2}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = Lowercase(), Whitespace()
    return tokenizer


def a_static_model(folder: Path, tensors: dict[str, np.ndarray]) -> str:
    a_tokenizer().save(str(folder / "tokenizer.json"))
    save_file(tensors, folder / "model.safetensors")
    return str(folder)


def test_static_model_gives_the_mean_of_its_tokens(tmp_path):
    rows = np.eye(3, 300, dtype=np.float32)
    model = a_static_model(tmp_path, {"embeddings": rows})

    both, none = embeddings.embed(["cat dog", ""], model)

    assert np.allclose(both[:3], [0, 0.5**0.5, 0.5**0.5]) and both.shape == (300,)
    assert not none.any()
    assert embeddings.load(model).version.startswith("static-300-")


def test_static_model_may_share_rows_and_weigh_tokens(tmp_path):
    tensors = {
        "embeddings": np.eye(2, 256, dtype=np.float32),
        "mapping": np.array([0, 1, 0]),
        "weights": np.array([0, 3, 4], np.float32),
    }

    (both,) = embeddings.embed(["cat dog"], a_static_model(tmp_path, tensors))

    assert np.allclose(both[:2], [0.8, 0.6])


# --- Training ---


def synthetic_pairs(count: int = 200) -> list[Pair]:
    """Each has a subject; titles say it in one set of words, abstracts in another."""
    chance = np.random.default_rng(5)
    pairs = []
    for _ in range(count):
        subjects = chance.integers(0, 40, size=3)
        title = " ".join(f"title{subject}" for subject in subjects)
        abstract = " ".join(f"abstract{subject} of{chance.integers(30)}" for subject in subjects)
        pairs.append(Pair(title, abstract))
    return pairs


def first_found(folder: Path, pairs: list[Pair]) -> float:
    titles = embeddings.embed([pair.title for pair in pairs], str(folder))
    abstracts = embeddings.embed([pair.abstract for pair in pairs], str(folder))
    return float(((titles @ abstracts.T).argmax(axis=1) == np.arange(len(pairs))).mean())


@pytest.mark.slow
def test_training_lets_titles_find_their_abstracts(tmp_path):
    pairs = synthetic_pairs()
    known, counts = word_training.choose_words(f"{pair.title} {pair.abstract}" for pair in pairs)
    norms = word_training.start_norms(counts, len(pairs))
    rows = np.random.default_rng(0).standard_normal((len(known), 256)) / 16 * norms[:, None]

    trained = word_training.train(known, rows, 1.0, pairs, SMALL)
    again = word_training.train(known, rows, 1.0, pairs, SMALL)

    word_table.write(tmp_path / "before", word_table.make(known, rows, 1.0))
    word_table.write(tmp_path / "after", word_table.make(known, trained, 1.0))
    assert (trained == again).all()
    assert first_found(tmp_path / "before", pairs) < 0.1
    assert first_found(tmp_path / "after", pairs) > 0.5


def test_words_without_a_row_are_seen_in_training_and_stay_as_they_are():
    pairs = [Pair(f"name{n} cat", f"about name{n} dog") for n in range(20)]

    trained = word_training.train(["cat", "dog"], np.ones((2, 256)), 1.0, pairs, SMALL)

    assert trained.shape == (2, 256) and np.isfinite(trained).all()


def test_nothing_to_train_on_changes_nothing():
    rows = np.ones((2, 256), np.float32)

    assert (word_training.train(["cat", "dog"], rows, 1.0, [], SMALL) == rows).all()


def test_words_are_chosen_by_the_number_of_texts_and_letters_before_numbers():
    known, counts = word_training.choose_words(["b a a 7-1", "b c", "b c 12 x9"], limit=3)

    assert (known, list(counts)) == (["b", "c", "a"], [3, 2, 1])


def test_sparse_product_is_the_dense_one():
    chance = np.random.default_rng(3)
    dense = np.where(chance.random((30, 40)) < 0.2, chance.random((30, 40)), 0)
    dense[4] = 0
    rows, columns = np.nonzero(dense)
    starts = np.searchsorted(rows, np.arange(31))
    table = chance.standard_normal((40, 256)).astype(np.float32)

    sums = word_bags.weighted_sums(table, columns, dense[rows, columns], starts)

    assert np.allclose(sums, dense @ table, atol=1e-4)


def test_title_is_taken_out_of_its_abstract():
    assert word_training.without("A (new) net", "We show A (New) Net here").split() == [
        "We", "show", "here",
    ]  # fmt: skip

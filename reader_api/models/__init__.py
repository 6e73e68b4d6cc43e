"""The tables of the API with a token, one file for each noun, with its queries."""

from reader_api.models.api_token import ApiToken

__all__ = ["ApiToken"]

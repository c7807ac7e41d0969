"""Many documents, one after the other."""

import pytest

import metaphrase as mp
from metaphrase_files import Document, Failed, Job, Outcome, convert_all, convert_one

GOOD = b'{"model": "m", "messages": [{"role": "user", "content": "x"}]}'


def test_a_bad_document_does_not_stop_the_rest() -> None:
    documents = [Document(GOOD, 1), Document(b"{", 2), Document(GOOD, 3)]
    results = list(convert_all(documents, Job(target="gemini")))
    assert [type(result) for result in results] == [Outcome, Failed, Outcome]
    assert isinstance(results[1], Failed)
    assert results[1].line == 2


def test_the_other_protocol_is_the_target_where_none_is_given() -> None:
    assert convert_one(Document(GOOD), Job()).target == "gemini"


def test_another_codec_needs_a_target() -> None:
    with pytest.raises(mp.WriteError, match="target"):
        convert_one(Document(GOOD), Job(source="morse", kind="chat.request"))


def test_the_path_of_a_document_goes_before_that_of_the_job() -> None:
    body = b'{"contents": [{"parts": [{"text": "x"}]}]}'
    job = Job(path="/v1beta/models/one:generateContent")
    own = Document(body, path="/v1beta/models/two:generateContent")
    assert b'"one"' in convert_one(Document(body), job).converted.body
    assert b'"two"' in convert_one(own, job).converted.body

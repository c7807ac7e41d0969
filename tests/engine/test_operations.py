"""The other operations of `convert`: what it does for a codec that lacks one."""

import pytest

import metaphrase as mp
from tests.operations import CODECS, KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_codec_without_the_operation_says_so(kind: str) -> None:
    with pytest.raises(mp.MetaphraseError, match="'mute' has no"):
        mp.convert(b"{}", source=mp.Codec("mute"), target=CODECS["openai"], kind=kind)

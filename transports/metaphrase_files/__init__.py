"""Offline conversion: documents and JSONL from files to files."""

from .detect import Guess as Guess
from .detect import Undetected as Undetected
from .detect import detect as detect
from .losses import LossLine as LossLine
from .losses import LossWriter as LossWriter
from .losses import Tally as Tally
from .run import Failed as Failed
from .run import Job as Job
from .run import Outcome as Outcome
from .run import convert_all as convert_all
from .run import convert_one as convert_one
from .run import other as other
from .source import Document as Document
from .source import Input as Input
from .source import read_input as read_input
from .write import envelope as envelope
from .write import output as output

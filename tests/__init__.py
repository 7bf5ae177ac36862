import os
import sys

# the programs in doc/ import each other, and tests import them
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "doc"))

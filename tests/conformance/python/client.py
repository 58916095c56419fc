import os
import warnings

from openai import OpenAI

# The SDK says of every call that the original service is shut down. That is why we are here.
warnings.simplefilter("ignore", DeprecationWarning)


def create_client(**options) -> OpenAI:
    return OpenAI(**{"base_url": os.environ["BASE_URL"], "api_key": os.environ["API_KEY"], **options})

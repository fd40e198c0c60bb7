"""A Celery app whose tasks begin and end when a test says so: each tells that it began, and waits."""

import os
import sys

import redis
from celery import Celery

BROKER = os.environ.get("MUSTER_TEST_BROKER", "redis://127.0.0.1:1/0")
app = Celery("celery_app", broker=BROKER)


@app.task(name="render")
def render(number):
    # Newer clients give up by themselves after some seconds.
    broker = redis.Redis.from_url(BROKER, socket_timeout=None)
    broker.rpush("began", number)
    broker.blpop("go")
    broker.rpush("ended", number)


if __name__ == "__main__":
    for number in range(int(sys.argv[1])):
        print(render.delay(number).id)

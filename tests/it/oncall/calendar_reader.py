"""Reads a calendar as an independent program does: standard input to JSON."""

import json
import sys

import icalendar

read = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
events = [part for part in read.subcomponents if part.name == "VEVENT"]
print(
    json.dumps(
        {
            "errors": [str(e) for part in [read, *read.subcomponents] for e in part.errors],
            "others": [part.name for part in read.subcomponents if part.name != "VEVENT"],
            "name": str(read["X-WR-CALNAME"]),
            "method": str(read["METHOD"]),
            "refresh": read["REFRESH-INTERVAL"].dt.total_seconds(),
            "events": [
                {
                    "uid": str(event["UID"]),
                    "stamp": event["DTSTAMP"].dt.isoformat(),
                    "from": event["DTSTART"].dt.isoformat(),
                    "until": event["DTEND"].dt.isoformat(),
                    "summary": str(event["SUMMARY"]),
                    "description": str(event["DESCRIPTION"]),
                }
                for event in events
            ],
        }
    )
)

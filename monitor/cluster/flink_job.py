"""The Flink job: each site as a keyed process with timers in log time; its outcomes go out exactly once, in order.

It is started by `venue-monitor cluster submit`, which gives the settings as JSON in the only argument.
"""

import sys
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import msgspec
from pyflink.common import Row, Types, WatermarkStrategy
from pyflink.common.serialization import SimpleStringSchema
from pyflink.common.time import Duration
from pyflink.datastream import (
    KeyedProcessFunction,
    OutputTag,
    RuntimeContext,
    StreamExecutionEnvironment,
)
from pyflink.datastream.connectors.kafka import KafkaOffsetsInitializer, KafkaSource
from pyflink.datastream.state import ListStateDescriptor, ValueStateDescriptor
from pyflink.table import DataTypes, Schema, StreamTableEnvironment, TableDescriptor

from monitor.cluster.configurations import ConfigurationTopic
from monitor.cluster.records import DeadLetter, Outcome, decode_logged, encode, site_of
from monitor.cluster.settings import JobSettings
from monitor.cluster.site import Settings, Site
from monitor.cluster.snapshot_schedule import SnapshotSchedule
from monitor.texts import ENGLISH

KEYED = Types.ROW_NAMED(["site", "record"], [Types.STRING(), Types.STRING()])
DEAD_LETTERS = OutputTag("dead-letters", KEYED)
DEFECTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    msgspec.MsgspecError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What a record that can't be taken in raises. A log that can't be reached is none of it: the job starts again."""
_Sent: TypeAlias = "Row | tuple[OutputTag, Row]"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class SiteProcess(KeyedProcessFunction):
    """Steps the site of a record; keeps in Flink's state its snapshot and the records since.

    The site itself is cached in the process. After a failure the cache is empty, and the site is built from the state.
    """

    def __init__(self, settings: JobSettings) -> None:
        self._settings = settings

    def open(self, context: RuntimeContext) -> None:
        """Take the state of the sites of this process."""
        settings = self._settings
        self._common = Settings(settings.lateness, settings.tolerance, ENGLISH)
        topic = settings.topics.configuration
        self._configurations = ConfigurationTopic(settings.brokers, topic)
        self._sites: dict[str, Site] = {}
        self._schedule = SnapshotSchedule(
            settings.snapshot_after, settings.snapshot_records, time.monotonic
        )
        self._timers: dict[str, int] = {}
        # Text, since bytes that are not there yet can't be read in thread mode.
        body = ValueStateDescriptor("snapshot", Types.STRING())
        self._snapshot = context.get_state(body)
        self._records = context.get_list_state(ListStateDescriptor("records", Types.STRING()))

    def process_element(self, value: str, context: KeyedProcessFunction.Context) -> Iterator[_Sent]:
        """Take a record in; one that can't be taken in goes to the dead letters, and the site goes on without it."""
        name = context.get_current_key()
        if value.startswith('{"tick"'):
            return
        site = self._site(name)
        try:
            outcomes = site.take(decode_logged(value.encode()))
        except DEFECTS as error:
            # What one site sends must not stop the others; half a step must not stay.
            self._sites.pop(name, None)
            letter = DeadLetter(site=name, reason=repr(error), record=value.encode())
            yield DEAD_LETTERS, Row(site=name, record=encode(letter).decode())
            site, at = self._site(name), _EPOCH + context.timestamp() * _MILLISECOND
            for outcome in site.report_failure(f"{type(error).__name__}: {error}", at):
                self._keep(name, site, encode(outcome.entry).decode())
                yield _row(outcome)
            self._set_timer(name, site, context)
            return
        self._keep(name, site, value)
        yield from map(_row, outcomes)
        self._set_timer(name, site, context)

    def on_timer(
        self, timestamp: int, context: KeyedProcessFunction.OnTimerContext
    ) -> Iterator[_Sent]:
        """Advance the time of a site to its deadline."""
        name = context.get_current_key()
        site = self._site(name)
        self._timers.pop(name, None)
        now = _EPOCH + timestamp * _MILLISECOND
        if site.deadline is not None and site.deadline <= now:
            outcome = site.tick(now)
            if outcome is not None:
                self._keep(name, site, encode(outcome.entry).decode())
                yield _row(outcome)
        self._set_timer(name, site, context)

    def _site(self, name: str) -> Site:
        if name in self._sites:
            return self._sites[name]
        body = self._snapshot.value()
        if body is None:
            site = Site(name, self._common, self._configurations)
        else:
            site = Site.from_snapshot(b64decode(body), self._common, self._configurations)
        count = 0
        for record in self._records.get() or ():
            site.take(decode_logged(record.encode()))
            count += 1
        self._sites[name] = site
        self._schedule.begin(name, count)
        return site

    def _keep(self, name: str, site: Site, record: str) -> None:
        """Keep a record in the state until the next snapshot has what it did."""
        if not self._schedule.is_due(name):
            self._records.add(record)
            return
        self._snapshot.update(b64encode(site.snapshot()).decode())
        self._records.clear()
        self._schedule.begin(name)

    def _set_timer(self, name: str, site: Site, context: KeyedProcessFunction.Context) -> None:
        if site.deadline is None:
            return
        due = -((_EPOCH - site.deadline) // _MILLISECOND)
        if self._timers.get(name) != due:
            context.timer_service().register_event_time_timer(due)
            self._timers[name] = due


def _row(outcome: Outcome) -> Row:
    return Row(site=outcome.site, record=encode(outcome).decode())


def _sink(settings: JobSettings, topic: str) -> TableDescriptor:
    """Return a sink that writes each record under its site, once, in the order of the site."""
    columns = {"site": DataTypes.STRING(), "record": DataTypes.STRING()}
    schema = Schema.new_builder()
    for name, kind in columns.items():
        schema = schema.column(name, kind)
    timeout = settings.transaction_timeout // _MILLISECOND
    options = {
        "topic": topic,
        "properties.bootstrap.servers": settings.brokers,
        "properties.transaction.timeout.ms": str(timeout),
        "key.format": "raw",
        "key.fields": "site",
        "value.format": "raw",
        "value.fields-include": "EXCEPT_KEY",
        "sink.delivery-guarantee": "exactly-once",
        "sink.transactional-id-prefix": topic,
    }
    sink = TableDescriptor.for_connector("kafka").schema(schema.build())
    for key, value in options.items():
        sink = sink.option(key, value)
    return sink.build()


def build(settings: JobSettings, environment: StreamExecutionEnvironment) -> None:
    """Add the sites and their sinks to the job."""
    tables = StreamTableEnvironment.create(environment)
    source = (
        KafkaSource.builder()
        .set_bootstrap_servers(settings.brokers)
        .set_topics(settings.topics.log)
        .set_group_id(f"{settings.topics.prefix}.sites")
        .set_starting_offsets(KafkaOffsetsInitializer.earliest())
        .set_value_only_deserializer(SimpleStringSchema())
        .build()
    )
    disorder = Duration.of_millis(settings.disorder // _MILLISECOND)
    watermarks = WatermarkStrategy.for_bounded_out_of_orderness(disorder)
    records = environment.from_source(source, watermarks, "in").uid("in")
    sites = (
        records.key_by(site_of, key_type=Types.STRING())
        .process(SiteProcess(settings), output_type=KEYED)
        .uid("sites")
    )
    statements = tables.create_statement_set()
    for stream, topic in (
        (sites, settings.topics.out),
        (sites.get_side_output(DEAD_LETTERS), settings.topics.dead_letters),
    ):
        statements.add_insert(_sink(settings, topic), tables.from_data_stream(stream))
    statements.attach_as_datastream()


def main() -> None:
    """Run the job."""
    settings = msgspec.json.decode(sys.argv[1], type=JobSettings)
    environment = StreamExecutionEnvironment.get_execution_environment()
    build(settings, environment)
    environment.execute("venue-monitor")


if __name__ == "__main__":
    main()

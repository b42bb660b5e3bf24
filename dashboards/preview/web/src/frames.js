// InfluxDB's answers as data frames, in the two forms that Grafana's data source returns.
import { FieldType, toDataFrame } from '@grafana/data';

const typeOf = (values) => (values.some((value) => typeof value === 'string') ? FieldType.string : FieldType.number);

// One frame with a row for each value, tags as columns: resultFormat "table".
function table(series, refId) {
  if (!series.length) return [];
  const tags = Object.keys(series[0].tags ?? {});
  const columns = series[0].columns.slice(1);
  const rows = series.flatMap((one) =>
    one.values.map((values) => [values[0], ...tags.map((tag) => one.tags[tag]), ...values.slice(1)]),
  );
  const names = ['Time', ...tags, ...columns];
  const fields = names.map((name, n) => {
    const values = rows.map((row) => row[n]);
    return { name, values, config: {}, type: n ? typeOf(values) : FieldType.time };
  });
  return [toDataFrame({ refId, fields })];
}

// A frame for each series, named by the alias: resultFormat "time_series".
function lines(series, refId, alias) {
  return series.flatMap((one) =>
    one.columns.slice(1).map((column, n) => {
      const named = alias.replace(/\$tag_(\w+)/g, (whole, tag) => one.tags?.[tag] ?? whole);
      const values = one.values.map((row) => row[n + 1]);
      return toDataFrame({
        refId,
        fields: [
          { name: 'Time', type: FieldType.time, values: one.values.map((row) => row[0]), config: {} },
          {
            name: 'Value',
            type: typeOf(values),
            values,
            labels: one.tags,
            config: { displayNameFromDS: named || column },
          },
        ],
      });
    }),
  );
}

export function framesOf(panel, answers) {
  return panel.targets.flatMap((target, n) =>
    target.resultFormat === 'table'
      ? table(answers[n], target.refId)
      : lines(answers[n], target.refId, target.alias),
  );
}

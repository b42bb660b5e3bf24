// Each kind of panel of the dashboards, drawn with Grafana's components.
import { getDisplayValueAlignmentFactors, getFieldDisplayValues, VizOrientation } from '@grafana/data';
import { BarGauge, BigValue, Table, TimeSeries, VizRepeater } from '@grafana/ui';
import { Timeline } from './timeline.jsx';

function Empty({ children }) {
  return <div className="empty" data-empty>{children}</div>;
}

function values({ data, panel, fieldConfig, theme, timeZone, replace }) {
  return getFieldDisplayValues({
    data, fieldConfig, theme, timeZone, replaceVariables: replace, sparkline: false,
    reduceOptions: panel.options.reduceOptions,
  });
}

function Stat(props) {
  const { panel, theme, width, height } = props;
  const found = values(props);
  const { options } = panel;
  return (
    <VizRepeater
      source={found} getValues={() => found} width={width} height={height} itemSpacing={3} autoGrid
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      orientation={options.orientation ?? VizOrientation.Auto}
      renderValue={(one) => (
        <BigValue
          value={one.value.display}
          count={one.count} width={one.width} height={one.height} theme={theme}
          colorMode={options.colorMode} graphMode="none" justifyMode={options.justifyMode ?? 'auto'}
          textMode={options.textMode} text={options.text} alignmentFactors={one.alignmentFactors} wideLayout
        />
      )}
    />
  );
}

function Bars(props) {
  const { panel, theme, width, height } = props;
  const found = values(props);
  const { options } = panel;
  return (
    <VizRepeater
      source={found} getValues={() => found} width={width} height={height} itemSpacing={8} minVizHeight={16}
      getAlignmentFactors={getDisplayValueAlignmentFactors} orientation={options.orientation}
      renderValue={({ value, width: wide, height: tall, alignmentFactors, orientation }) => (
        <BarGauge
          value={value.display} width={wide} height={tall} orientation={orientation} field={value.field}
          display={value.view?.getFieldDisplayProcessor(value.colIndex)} text={options.text} theme={theme}
          displayMode={options.displayMode} namePlacement={options.namePlacement} alignmentFactors={alignmentFactors} itemSpacing={8} showUnfilled
        />
      )}
    />
  );
}

function Rows({ data, panel, fieldConfig, range, width, height, timeZone }) {
  const [frame] = data;
  if (!frame?.length) return <Empty>{fieldConfig.defaults.noValue}</Empty>;
  return (
    <Table
      data={frame} width={width} height={height} initialSortBy={panel.options.sortBy} enablePagination
      cellHeight={panel.options.cellHeight} timeRange={range} timeZone={timeZone} fieldConfig={fieldConfig} showTypeIcons={false}
    />
  );
}

function Graph({ data, panel, fieldConfig, range, timeZone, width, height }) {
  if (!data.some((frame) => frame.length)) return <Empty>{fieldConfig.defaults.noValue}</Empty>;
  return (
    <TimeSeries
      frames={data} timeRange={range} timeZone={timeZone} width={width} height={height}
      legend={panel.options.legend} options={panel.options}
    />
  );
}

function States(props) {
  if (!props.data.length) return <Empty>{props.fieldConfig.defaults.noValue}</Empty>;
  return <Timeline frames={props.data} {...props} />;
}

export const PANELS = { stat: Stat, bargauge: Bars, table: Rows, timeseries: Graph, 'state-timeline': States };

// States over time. Grafana's panel for them is not in its libraries: this is an approximation on its plot parts.
import { getFieldDisplayName } from '@grafana/data';
import { UPlotChart, UPlotConfigBuilder } from '@grafana/ui';
import { AxisPlacement, ScaleDirection, ScaleOrientation } from '@grafana/schema';

const PER_PAGE = 20;
const LABELLED = 34;
const OPACITY = 0.7;

// The colour of a band that lets the panel shine through.
function seen(color, below) {
  const parts = (hex) => [1, 3, 5].map((n) => parseInt(hex.slice(n, n + 2), 16));
  const [over, under] = [parts(color), parts(below)];
  return `rgb(${over.map((part, n) => Math.round(part * OPACITY + under[n] * (1 - OPACITY)))})`;
}

function paint(rows, theme) {
  return (plot) => {
    const { ctx } = plot;
    const tall = plot.bbox.height / rows.length;
    ctx.save();
    ctx.font = `${11 * devicePixelRatio}px Inter`;
    ctx.textBaseline = 'middle';
    ctx.textAlign = 'left';
    rows.forEach(({ spans }, n) => {
      for (const { from, to, shown } of spans) {
        const left = Math.max(plot.bbox.left, plot.valToPos(from, 'x', true));
        const right = Math.min(plot.bbox.left + plot.bbox.width, plot.valToPos(to, 'x', true));
        if (right <= left) continue;
        const top = plot.bbox.top + n * tall + tall * 0.1;
        ctx.globalAlpha = OPACITY;
        ctx.fillStyle = shown.color;
        ctx.fillRect(left, top, right - left, tall * 0.8);
        ctx.globalAlpha = 1;
        ctx.fillStyle = theme.colors.getContrastText(seen(shown.color, theme.colors.background.primary));
        const wide = ctx.measureText(shown.text).width;
        if (right - left > Math.max(wide + 8, LABELLED)) ctx.fillText(shown.text, left + 4, top + tall * 0.4);
      }
    });
    ctx.restore();
  };
}

function spansOf(field, times, until) {
  const spans = [];
  field.values.forEach((value, n) => {
    if (value == null) return;
    const to = times[n + 1] ?? until;
    const last = spans.at(-1);
    if (last && last.value === value && last.to === times[n]) last.to = to;
    else spans.push({ value, from: times[n], to, shown: field.display(value) });
  });
  return spans;
}

export function Timeline({ frames, theme, timeZone, range, width, height }) {
  const all = frames.map((frame) => {
    const [time, field] = frame.fields;
    return { name: getFieldDisplayName(field, frame, frames), spans: spansOf(field, time.values, range.to.valueOf()) };
  });
  const rows = all.slice(0, PER_PAGE);
  const config = new UPlotConfigBuilder(timeZone);
  config.addScale({
    scaleKey: 'x', isTime: true, orientation: ScaleOrientation.Horizontal, direction: ScaleDirection.Right,
    range: [range.from.valueOf(), range.to.valueOf()],
  });
  config.addScale({
    scaleKey: 'y', isTime: false, orientation: ScaleOrientation.Vertical, direction: ScaleDirection.Down, range: [0, rows.length],
  });
  config.addAxis({ scaleKey: 'x', isTime: true, placement: AxisPlacement.Bottom, timeZone, theme, grid: { show: false } });
  config.addAxis({
    scaleKey: 'y', placement: AxisPlacement.Left, theme, grid: { show: false }, ticks: { show: false }, size: 210,
    splits: () => rows.map((_, n) => n + 0.5), values: () => rows.map(({ name }) => name),
  });
  config.addSeries({ scaleKey: 'y', theme, show: true, lineWidth: 0, pathBuilder: () => null, pointsBuilder: () => null });
  config.addHook('draw', paint(rows, theme));
  const states = new Map(rows.flatMap(({ spans }) => spans.map(({ shown }) => [shown.text, shown.color])));
  const times = [range.from.valueOf(), range.to.valueOf()];
  const pages = Math.ceil(all.length / PER_PAGE);
  return (
    <>
      <UPlotChart data={[times, [null, null]]} config={config} width={width} height={height - 44} />
      <div className="legend">
        {[...states].map(([text, color]) => <span key={text}><i style={{ background: color }} />{text}</span>)}
      </div>
      <div className="note">
        approximation of Grafana's state timeline{pages > 1 ? ` · page 1 of ${pages}` : ''}
      </div>
    </>
  );
}

// Draws one dashboard at a time in its grid; the driver calls window.draw and awaits it.
import '@fontsource/inter/vietnamese-400.css';
import '@fontsource/inter/latin-400.css';
import '@fontsource/inter/latin-500.css';
import 'uplot/dist/uPlot.min.css';
import { createTheme, dateTime, ThemeContext } from '@grafana/data';
import { GlobalStyles, PanelChrome } from '@grafana/ui';
import { Component } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { framesOf } from './frames.js';
import { prepared } from './fields.js';
import { PANELS } from './panels.jsx';
import './preview.css';

const MARGIN = 16, GAP = 8, ROW = 30;
const QUIET = 4; // frames without a change: components measure themselves, and draw again
window.__grafana_public_path__ = 'public/';

class Caught extends Component {
  state = { error: null };
  static getDerivedStateFromError(error) {
    return { error };
  }
  render() {
    return this.state.error ? <div data-failed>{String(this.state.error)}</div> : this.props.children;
  }
}

function place({ x, y, w, h }, width) {
  const one = (width - 2 * MARGIN - 23 * GAP) / 24;
  return { left: MARGIN + x * (one + GAP), top: y * (ROW + GAP), width: w * (one + GAP) - GAP, height: h * (ROW + GAP) - GAP };
}

function Panel({ panel, ready, theme, timeZone, range, replace, width }) {
  const at = place(panel.gridPos, width);
  const Shown = PANELS[panel.type];
  return (
    <section className="panel" style={at} data-panel={panel.title} data-kind={panel.type}>
      <PanelChrome title={panel.title} description={panel.description} width={at.width} height={at.height}>
        {(wide, tall) => (
          <Caught>
            <Shown {...ready} panel={panel} theme={theme} timeZone={timeZone} range={range} replace={replace} width={wide} height={tall} />
          </Caught>
        )}
      </PanelChrome>
    </section>
  );
}

const frame = () => new Promise((done) => requestAnimationFrame(done));

// However slow the machine is: returns when nothing changes any more.
async function settled(node) {
  let changed = true;
  const watch = new MutationObserver(() => { changed = true; });
  watch.observe(node, { subtree: true, childList: true, characterData: true, attributes: true });
  for (let quiet = 0; quiet < QUIET; quiet = changed ? 0 : quiet + 1) {
    changed = false;
    await frame();
  }
  watch.disconnect();
}

let root;

window.draw = async ({ dashboard, answers, from, to, dark, width, label, language }) => {
  root?.unmount();
  // Texts are measured as they are first drawn, and the measures kept.
  await Promise.all([...document.fonts].map((face) => face.load()));
  const theme = createTheme({ colors: { mode: dark ? 'dark' : 'light' } });
  const timeZone = dashboard.timezone;
  const range = { from: dateTime(from), to: dateTime(to), raw: { from: dateTime(from), to: dateTime(to) } };
  const address = dashboard.templating.list.find(({ name }) => name === 'ack_base')?.query ?? '';
  const replace = (text) => text.replace('${ack_base:raw}', address);
  const ready = await Promise.all(
    dashboard.panels.map((panel, n) => prepared(panel, framesOf(panel, answers[n]), theme, timeZone, replace)),
  );
  const bottom = Math.max(...dashboard.panels.map(({ gridPos }) => gridPos.y + gridPos.h)) * (ROW + GAP);
  document.documentElement.lang = language;
  document.body.style.background = theme.colors.background.canvas;
  const shown = document.getElementById('root');
  root = createRoot(shown);
  flushSync(() => root.render(
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <header className="label">{`${dashboard.title} · ${label}`}</header>
      <main style={{ position: 'relative', width, height: bottom }}>
        {dashboard.panels.map((panel, n) => (
          <Panel key={panel.id} {...{ panel, ready: ready[n], theme, timeZone, range, replace, width }} />
        ))}
      </main>
    </ThemeContext.Provider>,
  ));
  await settled(shown);
};

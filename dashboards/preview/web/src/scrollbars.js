// Re-exports the scroll bars with the default export where Grafana's components look for it.
import * as all from '../node_modules/react-custom-scrollbars-2/lib/index.js';

const found = all.default?.default ?? all.default ?? all;
export const Scrollbars = found.Scrollbars ?? all.Scrollbars ?? found;
export default Scrollbars;

// Re-exports the scroll bars with the default export where Grafana's components look for it.
import * as all from 'react-custom-scrollbars-2';

const found = all.default?.default ?? all.default ?? all;
export const Scrollbars = found.Scrollbars ?? all.Scrollbars ?? found;
export default Scrollbars;

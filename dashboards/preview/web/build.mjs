// Bundles the preview into dist/: one script, one style sheet.
import { build } from 'esbuild';

await build({
  entryPoints: ['src/main.jsx'],
  outdir: 'dist',
  bundle: true,
  format: 'iife',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"', global: 'window' },
  // Its default export is nested twice when bundled, because of how Node treats CommonJS.
  alias: { 'react-custom-scrollbars-2': './src/scrollbars.js' },
  loader: { '.svg': 'dataurl', '.woff': 'dataurl', '.woff2': 'dataurl', '.ttf': 'dataurl' },
  logLevel: 'error',
});

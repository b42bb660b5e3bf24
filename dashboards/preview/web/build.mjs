// Bundles the preview into dist/: one script, one style sheet.
import { resolve } from 'node:path';
import { build } from 'esbuild';

// Its default export is nested twice when bundled, because of how Node treats CommonJS.
const scrollbars = {
  name: 'scrollbars',
  setup(made) {
    made.onResolve({ filter: /^react-custom-scrollbars-2$/ }, ({ importer }) =>
      importer.endsWith('scrollbars.js') ? undefined : { path: resolve('src/scrollbars.js') },
    );
  },
};

await build({
  entryPoints: ['src/main.jsx'],
  outdir: 'dist',
  bundle: true,
  minify: true,
  format: 'iife',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"', global: 'window' },
  plugins: [scrollbars],
  loader: { '.svg': 'dataurl', '.woff': 'dataurl', '.woff2': 'dataurl', '.ttf': 'dataurl' },
  logLevel: 'error',
});

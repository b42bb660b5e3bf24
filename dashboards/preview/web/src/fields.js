// Field overrides, thresholds and transformations, applied by Grafana's own code.
import {
  applyFieldOverrides,
  FieldConfigOptionsRegistry,
  FieldType,
  standardTransformers,
  standardTransformersRegistry,
  transformDataFrame,
} from '@grafana/data';
import { firstValueFrom } from 'rxjs';

const PLAIN = ['unit', 'decimals', 'min', 'max', 'noValue', 'displayName', 'thresholds', 'mappings', 'links', 'color'];
const CUSTOM = [
  'hidden', 'hideFrom', 'wrapText', 'lineStyle', 'stacking', 'width', 'minWidth', 'cellOptions', 'align', 'lineWidth', 'fillOpacity', 'drawStyle',
  'showPoints', 'spanNulls', 'thresholdsStyle', 'pointSize', 'axisPlacement', 'axisLabel', 'lineInterpolation',
];
// As in Grafana, the text beside an axis isn't said of the time below it.
const item = (id, path, isCustom) => ({
  id, path, isCustom, name: id, description: id,
  process: (value) => value, shouldApply: (field) => id !== 'custom.axisLabel' || field.type !== FieldType.time, settings: {}, editor: () => null, override: () => null,
});
const registry = new FieldConfigOptionsRegistry(() => [
  ...PLAIN.map((id) => item(id, id, false)),
  ...CUSTOM.map((name) => item(`custom.${name}`, name, true)),
]);

// The package lists one transformation twice.
const known = new Map(Object.values(standardTransformers).map((one) => [one.id, one]));
standardTransformersRegistry.setInit(() =>
  [...known.values()].map((transformation) => ({
    id: transformation.id, name: transformation.name, description: '', transformation, editor: () => null,
  })),
);

// JSON has no infinity: the first step of a threshold is null in it.
function finite(config) {
  const steps = config.defaults.thresholds?.steps;
  return {
    ...config,
    defaults: steps
      ? {
          ...config.defaults,
          thresholds: { ...config.defaults.thresholds, steps: steps.map((one) => ({ ...one, value: one.value ?? -Infinity })) },
        }
      : config.defaults,
  };
}

export async function prepared(panel, frames, theme, timeZone, replaceVariables) {
  const steps = panel.transformations ?? [];
  const context = { interpolate: replaceVariables };
  const data = steps.length && frames.length
    ? await firstValueFrom(transformDataFrame(steps, frames, context))
    : frames;
  const fieldConfig = finite(panel.fieldConfig);
  const done = applyFieldOverrides({
    data, fieldConfig, theme, timeZone, replaceVariables, fieldConfigRegistry: registry,
  });
  return { data: done, fieldConfig };
}

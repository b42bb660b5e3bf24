// The classic dashboard as Grafana 13 publishes it, and for each kind of panel what the dashboard's own type leaves open.
import type { DataQuery } from '@grafana/schema';
import type * as classic from './node_modules/@grafana/schema/dist/types/veneer/dashboard.types';
import type * as bargauge from './node_modules/@grafana/schema/dist/types/raw/composable/bargauge/panelcfg/x/types.gen';
import type * as stat from './node_modules/@grafana/schema/dist/types/raw/composable/stat/panelcfg/x/types.gen';
import type * as statetimeline from './node_modules/@grafana/schema/dist/types/raw/composable/statetimeline/panelcfg/x/types.gen';
import type * as table from './node_modules/@grafana/schema/dist/types/raw/composable/table/panelcfg/x/types.gen';
import type * as timeseries from './node_modules/@grafana/schema/dist/types/raw/composable/timeseries/panelcfg/x/types.gen';

// What a query holds beyond this is its data source's own affair.
type Query = DataQuery & Record<string, unknown>;

export interface Contract {
  dashboard: Omit<classic.Dashboard, 'annotations'> & { annotations?: { list?: classic.AnnotationQuery<Query>[] } };
  query: Query;
  options: {
    bargauge: Partial<bargauge.Options>;
    stat: Partial<stat.Options>;
    'state-timeline': Partial<statetimeline.Options>;
    table: Partial<table.Options>;
    timeseries: Partial<timeseries.Options>;
  };
  custom: {
    bargauge: Record<string, never>;
    stat: Record<string, never>;
    'state-timeline': Partial<statetimeline.FieldConfig>;
    table: Partial<table.FieldConfig>;
    timeseries: Partial<timeseries.FieldConfig>;
  };
}

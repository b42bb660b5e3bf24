"""The projection of the journal into InfluxDB measurements for dashboards. It interprets no event: the core does."""

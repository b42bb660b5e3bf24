"""History for InfluxDB: what the journal says, as measurements that dashboards ask for."""

"""More than one machine: the same core for many sites, on Kafka and Flink."""

"""What happens in each planted incident, and what must be raised for it: one function an incident."""

"""What routing keeps in SQL: rule sets, owners, custom fields, working hours, simulations."""

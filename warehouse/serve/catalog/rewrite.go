package catalog

// Rewrite turns a statement.
func Rewrite(statement string) string { return statement }

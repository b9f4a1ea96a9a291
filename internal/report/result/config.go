package result

// Setting is one configuration key as production has it. Texts are redacted already.
type Setting struct {
	Key     string
	Value   string // as Python writes it; "" when it is not known
	Answer  string // present, absent (the default counts), conditional, not visible
	On      string // what a conditional or invisible value depends on
	Ignored string // the locked version of the package, when that does not read the key
	Chain   []SettingSource
}

// SettingSource is one place that gives a key a value, in the order in which they take effect.
type SettingSource struct {
	How   string // "app.config", "from_object ProductionConfig", "default of flask", …
	Text  string // the value as written there
	State string // counts, replaced, not for production, may replace it
	Env   string // production, development, tests, or empty
	File  string
	Line  int
}

package providertest

import "time"

// Noon is a Monday's in Buenos Aires, where the history of a test's office ends:
// what an office holds depends on the day and the hour, and a test that is
// played again meets the same.
var Noon = time.Date(2026, 5, 4, 15, 0, 0, 0, time.UTC)

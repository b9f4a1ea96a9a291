package flow

import (
	"cmp"
	"slices"

	"stopper/internal/ir"
)

// Budgets. They are counted, never timed, so that every machine gives the same answer. What stops at one is told, see trip.
const (
	// maxFuncInstrs stops one run of one function; what it found until then stays.
	maxFuncInstrs = 200_000
	// maxFuncStates bounds the variables of a function times its blocks: so much is kept of each run of it. A larger function gets
	// the default summary; the largest seen in mature applications needs a sixtieth of it. maxStates bounds the same of all
	// functions that run, one called by the other.
	maxFuncStates = 1 << 22
	maxStates     = 1 << 24
	// maxFuncCells bounds the cells that calls give to the objects of one run of one function; further objects stay empty.
	maxFuncCells = 2048
	// maxFuncLabels bounds the labels that the calls of one run of one function translate; past it calls bring in what they
	// return and write, and no sinks. The largest need seen in mature applications is 3,942.
	maxFuncLabels = 8192
	// maxTotalInstrs stops the whole analysis; later functions get the default summary.
	maxTotalInstrs = 60_000_000
	// maxDepth bounds the recursion callee in callee; deeper calls get the default summary.
	maxDepth = 120
	// maxNested bounds the calls that one calls forth, those included that run no function: a method that a label's path leads
	// through may lead to the next. Functions within functions need a tenth of it.
	maxNested = 4000
	// maxRounds is how often a group of functions that call each other is solved again because what the others assumed of
	// its first one grew; then that one's result is widened, and the group is solved a last time.
	maxRounds = 3
	// maxGroup is the size up to which such a group is solved again as a whole. In a larger one, calls back to a function
	// that is being solved stay what they were in the first round.
	maxGroup = 48
	// maxSpecialised is the number of copies of one function for constant or function arguments; further calls take the
	// general summary.
	maxSpecialised = 8
	// maxClosureCopies is the same for a function that captured variables: one copy for each function that a decorator wrapped.
	maxClosureCopies = 256
	// maxGlobalRounds is how often readers of grown class attributes and globals are solved again.
	maxGlobalRounds = 3
	// maxEnvs bounds the closures that are told apart by what their owner was called with.
	maxEnvs = 4096
	// maxHeapObjs bounds the objects of one function's heap; past it, new objects are not tracked.
	maxHeapObjs = 1024
	// maxSharedObjs bounds the objects that outlive the function that made them.
	maxSharedObjs = 1 << 16
	// maxOpenHits bounds the symbolic hits of one summary.
	maxOpenHits = 96
	// maxEffects bounds the symbolic writes to instance attributes that a summary carries.
	maxEffects = 64
	// maxParamWrites bounds the cells that a summary writes in what the caller passed.
	maxParamWrites = 96
	// maxFollowing bounds how deep the path of one label is followed through methods whose labels have paths themselves.
	maxFollowing = 2
	// maxNestedPaths bounds how deep paths are followed one because of the other, whatever for: what a method that calls itself
	// returned holds what its own call returned, and so on without end.
	maxNestedPaths = 64
	// maxNestedObjects bounds how deep objects that calls brought in are looked into one because of the other: a descriptor
	// whose attribute is a descriptor makes a new one each time.
	maxNestedObjects = 64
	// maxTemplateNames bounds the templates that one call may render.
	maxTemplateNames = 8
)

// What tripped, in the words of the report: "the limit of … was reached".
const (
	limitInstrs     = "instructions"
	limitStates     = "variables in all branches of one function"
	LimitTotal      = "total instructions" // from here on nothing was analysed
	limitCells      = "what calls bring into one function"
	limitDepth      = "calls within calls"
	limitRecursion  = "functions that call each other"
	limitSpecial    = "copies for different arguments"
	limitGlobals    = "rounds of module and class variables"
	limitEnvs       = "closures"
	limitHeap       = "objects of one function"
	limitShared     = "objects that outlive their function"
	limitOpenHits   = "open sinks of one function"
	limitEffects    = "attribute writes of one function"
	limitTemplates  = "templates of one call"
	limitDear       = "what the calls of one function bring in"
	limitEffort     = "what all calls bring in"
	limitFlags      = "variables that say which way was taken"
	limitImportNest = "nested imports"
	limitConditions = "conditions in conditions"
	limitChoices    = "alternatives of one condition"
	limitColumns    = "columns that one mapping fills"
	limitByType     = "functions registered for types"
	limitDeep       = "collections in collections"
	limitReads      = "readings of one function that are told apart"
	limitRoutes     = "decorators of one view"
	limitRenderings = "templates that the callers of one function choose"
	limitChosen     = "methods that one name may mean"
	limitPlugins    = "modules that one name may mean"
	limitFields     = "fields and validators of one form"
	limitTaken      = "objects that one value takes along"
	limitElements   = "elements of one argument"
	limitPaths      = "attributes below attributes"
	limitKept       = "records in records"
	limitTexts      = "texts that one check compares"
	limitBases      = "classes above one class"
	limitLoop       = "rounds of one loop"
)

// trip records that a function reached a limit, once.
func (s *solver) trip(fn *ir.Func, what string) {
	b := Budget{fn, what}
	if !s.tripped[b] {
		s.tripped[b] = true
		s.budgets = append(s.budgets, b)
	}
}

func (s *solver) sortedBudgets() []Budget {
	if s.global.dropped > 0 {
		s.trip(nil, limitShared)
	}
	id := func(b Budget) int {
		if b.Func == nil {
			return -1
		}
		return int(b.Func.ID)
	}
	slices.SortFunc(s.budgets, func(a, b Budget) int { return cmp.Or(cmp.Compare(a.What, b.What), cmp.Compare(id(a), id(b))) })
	return s.budgets
}

package flow

import (
	"stopper/internal/ir"
)

// solveProgram runs what is executed when the modules are imported, then every function that nothing called, then whatever
// read a shared variable too early.
func (s *solver) solveProgram() {
	s.markTests()
	s.lowerAll()
	s.addTemplates()
	for _, m := range s.prog.Modules {
		if s.isEntry(m) {
			s.runModule(m)
		}
	}
	s.solveAll()
	s.solveClosures()
	for range maxGlobalRounds {
		if s.isWeary() {
			break
		}
		if !s.resolveDirty() {
			return
		}
	}
	for id := range s.funcs {
		if st := &s.funcs[id]; st.isDirty && st.ir != nil {
			s.trip(st.ir, limitGlobals)
		}
	}
}

// markTests leaves out the modules that test the program, unless all that is worth looking at stands in them: nobody
// deploys them, and half of a well-kept repository are tests. What the program itself imports from them and calls is
// solved like everything else.
func (s *solver) markTests() {
	if s.opt.Tests {
		return
	}
	for i, m := range s.prog.Modules {
		if s.mods[i].isTest = m.IsTest; m.IsTest {
			s.stats.Tests++
		}
	}
}

func (s *solver) isEntry(m *ir.Module) bool { return !s.mods[m.Index].isTest }

// lowerAll lowers and inspects what is going to be solved. Both look at one function alone, so that this is the part of the
// analysis that several processors share.
func (s *solver) lowerAll() {
	if s.opt.Parallel == nil {
		return
	}
	s.opt.Parallel(s.prog.NumFuncs(), func(i int) {
		m, _ := s.prog.Where(ir.FuncID(i))
		if s.isEntry(m) {
			s.look(ir.FuncID(i))
		}
	})
}

// solveAll analyses every relevant function that no module body called.
func (s *solver) solveAll() {
	for id := range s.prog.NumFuncs() { // templates are solved where they are rendered
		if s.ctx.Err() != nil {
			return
		}
		if m, _ := s.prog.Where(ir.FuncID(id)); s.isEntry(m) {
			s.summary(ir.FuncID(id))
		}
	}
}

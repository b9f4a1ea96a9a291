package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"stopper/internal/cli"
	"stopper/internal/config"
	"stopper/internal/engine"
	"stopper/internal/models"
	"stopper/internal/report/result"
	"stopper/internal/rule"
	"stopper/internal/rules/all"
	"stopper/internal/vfs"
	"stopper/internal/workspace"
	modeldata "stopper/models"
)

// wire connects the command line to the rules and the engine.
func wire(env *cli.Env) {
	for _, r := range all.Rules() {
		// A page that does not parse fails the tests of package all; here the rule is left out.
		if m, err := rule.ParseMeta(r.Page()); err == nil {
			env.Rules = append(env.Rules, m)
		}
	}
	slices.SortFunc(env.Rules, func(a, b *rule.Meta) int { return strings.Compare(a.ID, b.ID) })
	env.Audit = audit
}

func audit(ctx context.Context, o cli.AuditOptions) (*result.Result, error) {
	disk, opts, err := workspace.Open(o.Path)
	if err != nil {
		return nil, err
	}
	defer disk.Close()
	conf, err := configuration(disk, o.Config)
	if err != nil {
		return nil, err
	}
	opts.ExcludePaths = conf.ExcludePaths
	ws, err := workspace.Load(disk, opts)
	if err != nil {
		return nil, err
	}
	set, err := models.Load(modeldata.Files)
	if err != nil {
		return nil, fmt.Errorf("library models: %w", err)
	}
	opt := engine.Options{
		Root: o.Path, Version: version, Jobs: o.Jobs, Models: set, Today: time.Now(), Progress: o.Progress,
		Enabled: func(rule, check string) bool { return enabled(conf, rule, check) },
	}
	if !o.RoutesOnly {
		opt.Rules = all.Rules()
	}
	out, err := engine.Audit(ctx, ws, opt)
	if err != nil {
		return nil, err
	}
	return out.Result, nil
}

// configuration reads the file the user named, else the tree's own.
func configuration(disk *vfs.Disk, name string) (config.Options, error) {
	if name == "" {
		return config.Load(disk)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return config.Options{}, err
	}
	return config.Parse(name, text)
}

func enabled(conf config.Options, ruleID, check string) bool {
	named := func(ids []string) bool {
		return slices.Contains(ids, ruleID) || slices.Contains(ids, ruleID+"/"+check)
	}
	return (len(conf.Only) == 0 || named(conf.Only)) && !named(conf.Exclude)
}

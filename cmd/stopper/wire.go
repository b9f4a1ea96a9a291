package main

import (
	"context"
	"errors"
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
	env.Rules, env.Audit, env.Configure = catalogue, audit, configuration
}

func catalogue() []*rule.Meta {
	var out []*rule.Meta
	for _, r := range all.Rules() {
		// A page that does not parse fails the tests of package all; here the rule is left out.
		if m, err := rule.ParseMeta(r.Page()); err == nil {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b *rule.Meta) int { return strings.Compare(a.ID, b.ID) })
	return out
}

func audit(ctx context.Context, o cli.AuditOptions) (*result.Result, error) {
	disk, opts, err := workspace.Open(o.Path)
	if err != nil {
		return nil, err
	}
	defer disk.Close()
	opts.ExcludePaths = o.Config.ExcludePaths
	start := time.Now()
	ws, err := workspace.Load(disk, opts)
	if err != nil {
		return nil, nothingToAudit(o.Path, ws, err)
	}
	walked := time.Now()
	set, err := models.Load(modeldata.Files)
	if err != nil {
		return nil, fmt.Errorf("library models: %w", err)
	}
	opt := engine.Options{
		Root: o.Path, Version: version, Jobs: o.Jobs, Models: set, Today: time.Now(), Progress: o.Progress,
		Config: o.Config, Only: o.Only, Exclude: o.Exclude, Settings: o.Settings,
		Before: []result.Phase{
			{Name: "walk", Duration: walked.Sub(start), Note: result.Plural(len(ws.Files), "file", "files")},
			{Name: "models", Duration: time.Since(walked)},
		},
	}
	if !o.RoutesOnly {
		opt.Rules = all.Rules()
	}
	if o.OSV != "" {
		records, err := vfs.OpenDisk(o.OSV)
		if err != nil {
			return nil, fmt.Errorf("--osv: %w", err)
		}
		defer records.Close()
		opt.OSV, opt.OSVName = records, o.OSV
	}
	out, err := engine.Audit(ctx, ws, opt)
	if err != nil {
		return nil, err
	}
	return out.Result, nil
}

// nothingToAudit says why a tree has no file to look at.
func nothingToAudit(path string, ws *workspace.Workspace, err error) error {
	if !errors.Is(err, workspace.ErrEmpty) {
		return err
	}
	if len(ws.Skipped) == 0 {
		return fmt.Errorf("%s is empty: there is nothing to audit", path)
	}
	s := ws.Skipped[0]
	return fmt.Errorf("there is nothing to audit in %s: everything is left out, for example %s (%s)", path, s.Path, s.Reason)
}

// configuration reads the file the user named, else the tree's own.
func configuration(path, file string) (config.Options, error) {
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return config.Options{}, fmt.Errorf("read configuration: %w", err)
		}
		return config.Parse(file, text)
	}
	disk, _, err := workspace.Open(path)
	if err != nil {
		return config.Options{}, err
	}
	defer disk.Close()
	return config.Load(disk)
}

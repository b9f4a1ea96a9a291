package workspace

import (
	"path"
	"slices"
	"strings"

	"stopper/internal/vfs"
)

// Libraries are also copied into a repository without any record, so that it runs where nothing can be installed. Such a copy
// is often twenty times the application, and reading it as part of it would replace what is known of a library by what its
// source seems to do. A folder with the packages flask and werkzeug in it is one that libraries were copied to: applications
// have neither, and Flask's own repository has but one of them.

// copies are the entries of dir that are libraries: all of a folder that is named for it, else the widely used ones.
func (w *walker) copies(dir string, entries []vfs.Entry) map[string]bool {
	if !w.isPackage(dir, "flask", entries) || !w.isPackage(dir, "werkzeug", entries) {
		return nil
	}
	all := isForLibraries(path.Base(dir))
	out := map[string]bool{}
	for _, e := range entries {
		name, isPython := strings.CutSuffix(e.Name, ".py")
		if e.Kind != vfs.KindDir && !isPython {
			continue
		}
		if all || slices.Contains(widelyUsed(), name) {
			out[e.Name] = true
		}
	}
	return out
}

func (w *walker) isPackage(dir, name string, entries []vfs.Entry) bool {
	if !slices.ContainsFunc(entries, func(e vfs.Entry) bool { return e.Name == name && e.Kind == vfs.KindDir }) {
		return false
	}
	inside, err := w.fs.ReadDir(path.Join(dir, name))
	return err == nil && slices.ContainsFunc(inside, func(e vfs.Entry) bool { return e.Name == "__init__.py" && e.Kind == vfs.KindFile })
}

// isForLibraries: the name says that other people's code is inside, and nobody's own: applications have folders named modules,
// packages or contrib of their own.
func isForLibraries(name string) bool {
	switch strings.Trim(strings.ToLower(name), "_-.") {
	case "lib", "libs", "library", "libraries", "vendor", "vendors", "vendored", "third_party", "third-party", "thirdparty", "3rdparty", "externals",
		"deps", "dependencies", "python_packages", "python-packages", "python_modules", "bundled", "ext_libs", "extlibs":
		return true
	}
	return false
}

// widelyUsed are packages and modules of libraries that come along with Flask, or that many applications use.
func widelyUsed() []string {
	return []string{
		"alembic", "apscheduler", "attr", "attrs", "babel", "backports", "bcrypt", "blinker", "boto3", "botocore", "bs4", "cachelib", "celery", "certifi",
		"cffi", "chardet", "charset_normalizer", "click", "cryptography", "dateutil", "dns", "docutils", "dogpile", "engineio", "flask", "flask_admin",
		"flask_babel", "flask_bcrypt", "flask_caching", "flask_compress", "flask_cors", "flask_limiter", "flask_login", "flask_mail", "flask_migrate", "flask_restful",
		"flask_restx", "flask_session", "flask_socketio", "flask_sqlalchemy", "flask_talisman", "flask_wtf", "future", "gevent", "google", "greenlet", "gunicorn",
		"html5lib", "httplib2", "idna", "importlib_metadata", "importlib_resources", "itsdangerous", "jinja2", "jose", "jsonschema", "jwt", "kombu", "limits", "lxml",
		"mako", "markdown", "markupsafe", "marshmallow", "numpy", "oauth2client", "oauthlib", "openpyxl", "pandas", "passlib", "past", "peewee", "pil", "pip",
		"pkg_resources", "psycopg2", "pyasn1", "pycparser", "pydantic", "pygments", "pymongo", "pymysql", "pyparsing", "pyrsistent", "pytz", "redis", "requests",
		"requests_oauthlib", "requests_toolbelt", "rich", "rsa", "setuptools", "simplejson", "six", "socketio", "soupsieve", "sqlalchemy", "stevedore", "tornado", "tqdm",
		"typing_extensions", "tzdata", "tzlocal", "unidecode", "urllib3", "waitress", "wcwidth", "webargs", "webencodings", "websocket", "werkzeug", "wheel", "wtforms",
		"yaml", "zipp", "zope",
	}
}

package wire_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

const (
	setupLimit   = 6 * time.Minute // a first installation downloads some dozens of packages
	startLimit   = 2 * time.Minute // a machine that does other work is slow, a server that does not start stays that way
	requestLimit = time.Minute
	secretKey    = "9b1f0d5c7e24a86ff3c6017d2ba58e49"
)

// forker is the one Python process that starts all applications.
type forker struct {
	mu  sync.Mutex
	in  io.WriteCloser
	out *bufio.Reader
	bin string // folder of the virtual environment's programs
}

func startForker(t *testing.T) *forker {
	t.Helper()
	bin, err := filepath.Abs(".venv-wire/bin")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(bin, "python"), "serve.py")
	cmd.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "LC_ALL=C.UTF-8", "PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1"}
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	return &forker{in: in, out: bufio.NewReader(out), bin: bin}
}

// start runs a command in dir until the test ends.
func (f *forker) start(t *testing.T, dir, prepare string, argv, env []string) {
	t.Helper()
	log := filepath.Join(filepath.Dir(dir), filepath.Base(dir)+".log")
	pid, err := f.ask(map[string]any{"dir": dir, "argv": argv, "env": environment(env), "log": log, "prepare": prepare})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		f.tell(map[string]any{"stop": pid})
		if t.Failed() {
			text, _ := os.ReadFile(log)
			t.Logf("%s said:\n%s", dir, text)
		}
	})
}

func (f *forker) ask(job map[string]any) (pid int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := json.NewEncoder(f.in).Encode(job); err != nil {
		return 0, err
	}
	line, err := f.out.ReadString('\n')
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(line))
}

func (f *forker) tell(job map[string]any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = json.NewEncoder(f.in).Encode(job)
}

// environment is what an application finds in its environment.
func environment(list []string) map[string]string {
	env := map[string]string{"SECRET_KEY": secretKey}
	for _, e := range list {
		name, value, _ := strings.Cut(e, "=")
		env[name] = value
	}
	return env
}

// site is one side of a pair, running.
type site struct {
	pair  *pair
	side  string
	dir   string
	ports map[string]string            // of the application ("app") and of what nginx listens on, by the port in its configuration
	jars  map[string]map[string]string // cookies by visitor
	known map[string]string            // what {name} stands for
	bin   string
	// encrypted are the ports that speak TLS.
	encrypted map[string]bool
}

// start writes the files of one side and starts what they configure.
func (p *pair) start(t *testing.T, f *forker, side string, others map[string]string) *site {
	t.Helper()
	root := openFolder(t)
	s := &site{pair: p, side: side, dir: filepath.Join(root, side), ports: map[string]string{}, jars: map[string]map[string]string{}, bin: f.bin, encrypted: map[string]bool{}}
	s.known = maps.Clone(others)
	s.known["dir"], s.known["SECRET_KEY"], s.known["old"] = s.dir, secretKey, filepath.Join(filepath.Dir(filepath.Dir(f.bin)), ".venv-old", "bin")
	for _, file := range p.shared {
		write(t, filepath.Join(root, file.Name), file.Data)
	}
	for _, file := range p.files[side] {
		write(t, filepath.Join(s.dir, file.Name), file.Data)
	}
	if p.serve[side][0] != "nothing" {
		s.startApp(t, f, root)
	}
	for _, file := range p.files[side] {
		if file.Name == "nginx.conf" {
			s.startNginx(t, root, string(file.Data))
		}
	}
	return s
}

func (s *site) startApp(t *testing.T, f *forker, root string) {
	t.Helper()
	s.ports["app"] = freePort(t)
	s.known["port"] = s.ports["app"]
	prepare := filepath.Join(root, "prepare.py")
	if _, err := os.Stat(prepare); err != nil {
		prepare = ""
	}
	var argv, env []string
	for _, a := range s.pair.serve[s.side] {
		argv = append(argv, s.fill(a))
	}
	for _, e := range s.pair.env {
		env = append(env, s.fill(e))
	}
	f.start(t, s.dir, prepare, argv, env)
	waitUntilUp(t, s.ports["app"])
}

var listenPattern = regexp.MustCompile(`(?m)^(\s*listen\s+)(\d+)( ssl)?`)

// startNginx runs Debian's nginx as nobody in particular. The configuration is the audited one, but for ports and folders.
func (s *site) startNginx(t *testing.T, root, conf string) {
	t.Helper()
	for _, m := range listenPattern.FindAllStringSubmatch(conf, -1) {
		if s.ports[m[2]] == "" {
			s.ports[m[2]] = freePort(t)
			s.encrypted[s.ports[m[2]]] = m[3] != ""
			if s.ports["edge"] == "" {
				s.ports["edge"] = s.ports[m[2]]
			}
		}
	}
	conf = listenPattern.ReplaceAllStringFunc(conf, func(line string) string {
		m := listenPattern.FindStringSubmatch(line)
		return m[1] + "127.0.0.1:" + s.ports[m[2]] + m[3]
	})
	conf = strings.NewReplacer("127.0.0.1:8000", "127.0.0.1:"+s.ports["app"], "/srv/", s.dir+"/srv/", "/etc/tls/", root+"/tls/").Replace(conf)
	work := filepath.Join(root, "nginx")
	if err := os.Mkdir(work, 0o777); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(conf, root+"/tls/") {
		writeCertificate(t, filepath.Join(root, "tls"))
	}
	write(t, filepath.Join(root, "site.conf"), []byte(conf))
	var temp strings.Builder
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&temp, "    %s_temp_path %s/%s;\n", kind, work, kind)
	}
	main := fmt.Sprintf("daemon off;\nmaster_process off;\npid %[1]s/pid;\nerror_log stderr;\nevents {}\nhttp {\n    access_log off;\n    include /etc/nginx/mime.types;\n%[2]s    include %[3]s/site.conf;\n}\n", work, temp.String(), root)
	write(t, filepath.Join(root, "main.conf"), []byte(main))
	startProcess(t, root, nginxProgram(t), "-p", work, "-e", "stderr", "-c", filepath.Join(root, "main.conf"))
	waitUntilUp(t, s.ports["edge"])
}

func nginxProgram(t *testing.T) string {
	t.Helper()
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/usr/local/sbin") {
		if info, err := os.Stat(filepath.Join(dir, "nginx")); err == nil && !info.IsDir() {
			return filepath.Join(dir, "nginx")
		}
	}
	t.Fatal("nginx is not there, although setup.sh has run")
	return ""
}

// startProcess gives the program a process group of its own and ends the whole group with the test. It never runs as root.
func startProcess(t *testing.T, root string, argv ...string) {
	t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() == 0 {
		const nobody = 65534
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
		if err := os.Chown(filepath.Join(root, "nginx"), nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	log, err := os.Create(filepath.Join(root, filepath.Base(argv[0])+".log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Dir, cmd.Stdout, cmd.Stderr = root, log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		_ = log.Close()
		if t.Failed() {
			text, _ := os.ReadFile(log.Name())
			t.Logf("%s said:\n%s", argv[0], text)
		}
	})
}

// openFolder is a temporary folder that nginx may read as well, which runs as somebody else.
func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "wire")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func write(t *testing.T, name string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func waitUntilUp(t *testing.T, port string) {
	t.Helper()
	for deadline := time.Now().Add(startLimit); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if conn, err := net.DialTimeout("tcp", "127.0.0.1:"+port, time.Second); err == nil {
			_ = conn.Close()
			return
		}
	}
	t.Fatalf("nothing came up on port %s", port)
}

// lastPort is where the search for the next free port begins: below the range from which the system takes ports for connections, so
// that none of those slips in before the server listens.
var lastPort atomic.Int32

func freePort(t *testing.T) string {
	t.Helper()
	lastPort.CompareAndSwap(0, 20000+int32(os.Getpid()%8000))
	for range 1000 {
		port := fmt.Sprint(lastPort.Add(1))
		if listener, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			_ = listener.Close()
			return port
		}
	}
	t.Fatal("no free port")
	return ""
}

// fill puts in what {port}, {inside} and what steps have kept stand for. Other braces stay.
func (s *site) fill(text string) string {
	for _, name := range slices.Sorted(maps.Keys(s.known)) {
		text = strings.ReplaceAll(text, "{"+name+"}", s.known[name])
	}
	return text
}

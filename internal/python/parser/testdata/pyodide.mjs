// Asks the CPython inside the npm package pyodide whether it accepts snippets: 314.x is CPython 3.14, 315.x is 3.15.
// Usage: node pyodide.mjs PACKAGE < snippets.json
// The input is an array of strings in base64; the output is an array of true, or the message of the error.
import { readFileSync } from "node:fs";

const { loadPyodide } = await import(process.argv[2]);
const py = await loadPyodide();
py.globals.set("snippets", readFileSync(0, "utf8"));
const out = py.runPython(`
import ast, base64, json, warnings
warnings.simplefilter("ignore")
def check(text):
    try:
        ast.parse(base64.b64decode(text))
        return True
    except (SyntaxError, ValueError) as e:
        return str(e)
json.dumps([check(s) for s in json.loads(snippets)])
`);
console.log(out);

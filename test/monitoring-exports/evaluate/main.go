// What Go programs make of the exported expressions: one question a line on standard input, one answer a line on standard output, in JSON.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"regexp"

	"github.com/expr-lang/expr"
)

type question struct {
	// A regular expression of RE2, and a text that it may match somewhere.
	Pattern *string
	Text    string
	// A condition of Argo Rollouts, and the body that it is about.
	Condition *string
	Body      string
}

type answer struct {
	Holds bool   `json:"holds"`
	Fault string `json:"fault,omitempty"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		holds, err := decide(asked)
		said := answer{Holds: holds}
		if err != nil {
			said.Fault = err.Error()
		}
		if err := out.Encode(said); err != nil {
			panic(err)
		}
	}
}

func decide(asked question) (bool, error) {
	if asked.Pattern != nil {
		return regexp.MatchString(*asked.Pattern, asked.Text)
	}
	return measure(*asked.Condition, asked.Body)
}

// As Argo does: a body that is no JSON is text (metricproviders/webmetric), and the condition must be a boolean (utils/evaluate).
func measure(condition, body string) (bool, error) {
	var result any
	if err := json.Unmarshal([]byte(body), &result); err != nil {
		result = body
	}
	env := map[string]any{"result": result}
	program, err := expr.Compile(condition, expr.Env(env), expr.AsBool())
	if err != nil {
		return false, err
	}
	holds, err := expr.Run(program, env)
	if err != nil {
		return false, err
	}
	return holds.(bool), nil
}

// What Go programs make of the exported expressions: one question a line on standard input, one result a line on standard output, in JSON.
package main

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"regexp"
	"strconv"

	"github.com/expr-lang/expr"
)

type question struct {
	// A regular expression of RE2, and a text that it may match somewhere.
	Pattern *string
	Text    string
	// A condition of Argo Rollouts, and the body that it is about.
	Condition *string
	Body      string
	// In place of a body: the numbers of the series that a query of Prometheus returns.
	Numbers []string
}

type result struct {
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
		said := result{Holds: holds}
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
	if asked.Numbers != nil {
		return evaluate(*asked.Condition, series(asked.Numbers))
	}
	return measure(*asked.Condition, asked.Body)
}

// As Argo does: a body that is no JSON is text (metricproviders/webmetric), and the condition must be a boolean (utils/evaluate).
func measure(condition, body string) (bool, error) {
	var result any
	if err := json.Unmarshal([]byte(body), &result); err != nil {
		result = body
	}
	return evaluate(condition, result)
}

// As Argo reads a vector (metricproviders/prometheus).
func series(numbers []string) []float64 {
	values := []float64{}
	for _, number := range numbers {
		value, err := strconv.ParseFloat(number, 64)
		if err != nil {
			panic(err)
		}
		values = append(values, value)
	}
	return values
}

func evaluate(condition string, result any) (bool, error) {
	env := map[string]any{"result": result, "isNaN": math.IsNaN}
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

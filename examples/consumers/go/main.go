// The project's definition in Go: `go run .` in place of `npx projen`.
package main

import (
	"github.com/aws/jsii-runtime-go"
	"github.com/projen-delivery/projen-delivery-go/projendelivery"
	"github.com/projen/projen-go/projen"
	"github.com/projen/projen-go/projen/github"
)

func main() {
	defer jsii.Close()

	project := projen.NewProject(&projen.ProjectOptions{Name: jsii.String("quotes")})
	github.NewGitHub(project, &github.GitHubOptions{Mergify: jsii.Bool(false), PullRequestLint: jsii.Bool(false)})
	ship := project.AddTask(jsii.String("ship"), &projen.TaskOptions{Exec: jsii.String("scripts/ship.sh")})

	delivery := projendelivery.NewDelivery(project, &projendelivery.DeliveryOptions{
		Target: projendelivery.Target_Tasks(&projendelivery.TaskTargetOptions{Deploy: ship}),
		Drill:  &projendelivery.DrillOptions{Environments: jsii.Strings("staging"), Schedule: projendelivery.Schedule_Weekly(jsii.String("Tue 03:17"))},
		Environments: &[]*projendelivery.NamedEnvironment{{
			Name:    jsii.String("staging"),
			Trigger: projendelivery.Trigger_Branch(jsii.String("main")),
			Url:     jsii.String("https://staging.example.com"),
		}},
	})

	delivery.AddEnvironment(jsii.String("production"), &projendelivery.EnvironmentOptions{
		Trigger:   projendelivery.Trigger_Tag(jsii.String("v*"), &projendelivery.TagTriggerOptions{Requires: jsii.String("staging")}),
		Url:       jsii.String("https://www.example.com"),
		Variables: &map[string]*string{"REGION": jsii.String("eu"), "API_URL": jsii.String("https://api.example.com")},
		Secrets:   jsii.Strings("DEPLOY_TOKEN"),
		Strategy:  projendelivery.Strategy_Redeploy(&projendelivery.StrategyOptions{Bake: projendelivery.Duration_Minutes(jsii.Number(2))}),
		HealthChecks: &[]projendelivery.HealthCheck{
			projendelivery.HealthCheck_Http(jsii.String("https://api.example.com/health"), &projendelivery.HttpHealthCheckOptions{
				Interval: projendelivery.Duration_Seconds(jsii.Number(2)),
				Release:  projendelivery.ReleaseIdentity_Json(jsii.String("version"), nil),
			}),
		},
	})

	project.Synth()
}

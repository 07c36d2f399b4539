export * from './alerts/alert';
export { AlertEvent } from './alerts/channel';
export type { AlertOptions } from './alerts/channel';

export * from './analysis/analysis';
export type { CloudWatchMetricOptions, LambdaAliasMetric, TargetGroupsMetric } from './analysis/cloudwatch-metric';
export type { CommandMetricOptions } from './analysis/command-metric';
export type { HaproxyMetricOptions } from './analysis/haproxy-metric';
export type { HttpMetricOptions } from './analysis/http-metric';
export { Metric } from './analysis/metric';
export type { MetricOptions } from './analysis/metric-options';
export type { PrometheusMetricOptions, PrometheusSelectors } from './analysis/prometheus-metric';

export { Delivery } from './delivery/delivery';
export { Artifact } from './delivery/artifact';
export type { ArtifactOptions } from './delivery/artifact';
export type { ImageArtifactOptions } from './delivery/image-artifact';
export type { Compatibility, DeliveryOptions } from './delivery/delivery-options';
export type { DrillOptions } from './delivery/drill';
export type { EnvironmentOptions, NamedEnvironment } from './delivery/environment-options';
export { ForkPreviews } from './delivery/fork-previews';
export { Freeze } from './delivery/freeze';
export type { FreezeOptions } from './delivery/freeze';
export { JobKind } from './delivery/job-kind';
export { Lock } from './delivery/lock';
export { PreviewCondition } from './delivery/preview-condition';
export type { PreviewOptions } from './delivery/previews';
export type { PullRequestOptions } from './delivery/pull-requests';
export { Schedule } from './delivery/schedule';
export { Trigger } from './delivery/trigger';
export type { ReleaseTriggerOptions, TagTriggerOptions } from './delivery/trigger';
export { Workflow } from './delivery/workflow';
export type { WorkflowNames } from './delivery/workflow-names';

export { Duration } from './validation/duration';

export { HealthCheck } from './health-checks/health-check';
export type { CertificateHealthCheckOptions } from './health-checks/certificate';
export { InsufficientData } from './health-checks/cloudwatch-alarm';
export type { CloudWatchAlarmHealthCheckOptions } from './health-checks/cloudwatch-alarm';
export type { CommandHealthCheckOptions } from './health-checks/command';
export { DnsRecordType } from './health-checks/dns';
export type { DnsHealthCheckOptions } from './health-checks/dns';
export { HealthCheckUse } from './health-checks/health-check-options';
export type { HealthCheckOptions, HttpRequestOptions } from './health-checks/health-check-options';
export type { HeaderCondition, HttpHealthCheckOptions, JsonCondition, StatusRange } from './health-checks/http';
export type { PrometheusHealthCheckOptions } from './health-checks/prometheus';
export { PrometheusCondition } from './health-checks/prometheus-condition';
export { ReleaseIdentity } from './health-checks/release-identity';
export type { ReleaseIdentityOptions } from './health-checks/release-identity';
export type { TcpHealthCheckOptions } from './health-checks/tcp';

export { Login } from './login/login';
export type { AwsLoginOptions } from './login/aws-login';

export { MonitorExport } from './monitoring/monitor-export';
export type {
  ArgoAnalysisExportOptions, BlackboxExportOptions, CanaryExportOptions, FlaggerExportOptions, GatusExportOptions, MonitorExportOptions,
} from './monitoring/monitor-export';
export type { MonitoringOptions, MonitoringRollback } from './monitoring/monitoring';
export { StatusPage } from './monitoring/status-page';

export * from './strategies/canary-step';
export * from './strategies/strategy';

export { LambdaAlias } from './engines/aws-cdk/lambda-alias';
export type { LambdaAliasOptions } from './engines/aws-cdk/lambda-alias';
export { ServerContainer } from './engines/servers/server-container';
export type { ServerContainerOptions } from './engines/servers/server-container';
export { ServerSlots } from './engines/servers/server-slots';
export type { HaproxySlotsOptions } from './engines/servers/server-slots';
export type { CaddySlotsOptions } from './engines/servers/caddy-slots';
export { StackOutput } from './engines/aws-cdk/stack-output';
export { Target } from './targets/target';
export { ChangeSetMode } from './engines/aws-cdk/target';
export type { AwsCdkTargetOptions } from './engines/aws-cdk/target';
export type { CommandTargetOptions } from './targets/command-target';
export type { EcsBlueGreenOptions } from './engines/ecs/ecs-slots';
export type { EcsTargetOptions } from './engines/ecs/target';
export { GitOpsController } from './engines/git-ops/git-ops-controller';
export type { ArgoCdApplicationOptions, FluxKustomizationOptions, GitOpsClusterOptions } from './engines/git-ops/git-ops-controller';
export type { GitOpsTargetOptions } from './engines/git-ops/target';
export type { GithubPagesTargetOptions } from './engines/github-pages/target';
export type { HelmChartOptions, KubernetesTargetOptions } from './engines/kubernetes/target';
export type { KubernetesSlotsOptions } from './engines/kubernetes/kubernetes-slots';
export type { LambdaTargetOptions } from './engines/lambda/target';
export type { NpmTargetOptions } from './engines/npm/target';
export { Registry } from './engines/package-registry/package-registry';
export type { GoModuleOptions } from './engines/package-registry/go-module';
export type { MavenOptions } from './engines/package-registry/maven-package';
export type { PypiOptions } from './engines/package-registry/pypi-package';
export type { RegistryTargetOptions } from './engines/package-registry/target';
export type { ServersTargetOptions } from './engines/servers/target';
export type { HeaderRule, StaticSiteTargetOptions } from './engines/static-site/target';
export { TargetCapability, TargetContext } from './targets/target-binding';
export type { TargetBinding, TargetCommands, TargetContextProps } from './targets/target-binding';
export { TargetCommand } from './targets/target-command';
export type { TargetOptions, TaskTargetOptions } from './targets/task-target';

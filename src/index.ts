export { ArtifactOptions } from './artifact';
export { Delivery, DeliveryOptions, JobKind } from './delivery';
export { Duration } from './duration';
export { EnvironmentOptions, NamedEnvironment } from './environment';
export { HeaderCondition, HealthCheck, HttpHealthCheckOptions, JsonCondition, StatusRange } from './health-check';
export { ReleaseIdentity } from './release-identity';
export { BlueGreenOptions, Strategy, StrategyOptions } from './strategy';
export { CommandTargetOptions, Target, TargetOptions, TaskTargetOptions } from './target';
export { TagTriggerOptions, Trigger } from './trigger';

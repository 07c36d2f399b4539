import { ServersDriverManifest } from './manifest';

/** The CLI of a container engine. */
export type ContainerEngine = 'docker' | 'podman';

/** The container that each host runs. */
export interface ServerContainerManifest {
  readonly engine: ContainerEngine;
  /** The name of the live container. Those that wait have the same name, a dot, and the name of their release. */
  readonly name: string;
  /** As `--publish` takes them. */
  readonly ports: readonly string[];
  /** The path of a file on the hosts with variables. @default - none */
  readonly envFile?: string;
  /** As `--volume` takes them. */
  readonly volumes: readonly string[];
  /** @default - the engine's */
  readonly network?: string;
  /** How long a container may take to end before it is killed. */
  readonly stopMs: number;
  /** Further options of `create`, one word each. */
  readonly runOptions: readonly string[];
}

/** A container on each host, which runs the image of a release. */
export interface ServerContainersDriverManifest
  extends Pick<ServersDriverManifest, 'hosts' | 'hostKeys' | 'user' | 'privateKeyVariable' | 'hostCheck' | 'hostCheckMs' | 'atOnce' | 'keep'> {
  readonly kind: 'serverContainers';
  readonly container: ServerContainerManifest;
}

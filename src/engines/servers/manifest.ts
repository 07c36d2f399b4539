/** One host, as ssh reaches it. */
export interface ServerManifest {
  /** As the option `hosts` has it, for people. */
  readonly name: string;
  /** A name or an address, without brackets. */
  readonly address: string;
  readonly port: number;
}

export interface ServersDriverManifest {
  readonly kind: 'servers';
  readonly hosts: readonly ServerManifest[];
  /** Lines of a `known_hosts` file. */
  readonly hostKeys: readonly string[];
  /** The account on the hosts. */
  readonly user: string;
  /** The environment variable with the private key. */
  readonly privateKeyVariable: string;
  /** The folder on the hosts that holds all releases. It is absolute. */
  readonly directory: string;
  /** The folder with the release's files, relative to the project's directory. */
  readonly files: string;
  /** Files and folders of `<directory>/shared` that each release gets a link to. */
  readonly shared: readonly string[];
  /** The shell line that runs on a host after `current` has moved. @default - none */
  readonly restart?: string;
  /** The shell line that must succeed on a host after `restart`. @default - none */
  readonly hostCheck?: string;
  /** How long `hostCheck` may take to succeed. */
  readonly hostCheckMs: number;
  /** How many hosts get a release at the same time. */
  readonly atOnce: number;
  /** How many releases stay on each host. */
  readonly keep: number;
}

import { execSync } from 'node:child_process';
import { ApiObject, App, Chart, Duration, JsonPatch, Size } from 'cdk8s';
import { Cpu, Deployment, Probe, ServiceType } from 'cdk8s-plus-34';

const version = execSync('git rev-parse HEAD', { encoding: 'utf8' }).trim();

const app = new App();
const chart = new Chart(app, 'shop');
const web = new Deployment(chart, 'Web', {
  metadata: { name: 'web' },
  replicas: 2,
  containers: [{
    image: 'hashicorp/http-echo:1.0.0',
    args: ['-listen=:8080', `-text={"version":"${version}"}`],
    port: 8080,
    readiness: Probe.fromHttpGet('/', { periodSeconds: Duration.seconds(2) }),
    // cdk8s-plus reserves a whole processor for each container otherwise
    resources: { cpu: { request: Cpu.millis(50) }, memory: { request: Size.mebibytes(32) } },
  }],
});
web.exposeViaService({ name: 'web', serviceType: ServiceType.NODE_PORT, ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] });
// a pod that ends goes on responding until the Service leaves it out
ApiObject.of(web).addJsonPatch(JsonPatch.add('/spec/template/spec/containers/0/lifecycle', { preStop: { sleep: { seconds: 2 } } }));
app.synth();

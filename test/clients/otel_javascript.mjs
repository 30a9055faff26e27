// usage: otel_javascript.mjs URL proto|http none|gzip SERVICE
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';

const [url, kind, compression, service] = process.argv.slice(2);
const { OTLPLogExporter } = await import(`@opentelemetry/exporter-logs-otlp-${kind}`);
const exporter = new OTLPLogExporter({ url: `${url}/otlp/v1/logs`, compression });
let failed = 0;
const exported = exporter.export.bind(exporter);
exporter.export = (records, done) => exported(records, (result) => {
  if (result.code !== 0) {
    console.error(result.error);
    failed = 1;
  }
  done(result);
});
const provider = new LoggerProvider({
  resource: resourceFromAttributes({ 'service.name': service, 'deployment.environment': 'prod', 'host.name': 'web-1' }),
  processors: [new BatchLogRecordProcessor({ exporter })],
});
const logger = provider.getLogger('checkout', '1.2.3');
const start = Date.now() - 5000;
logger.emit({ timestamp: start, severityNumber: 9, severityText: 'INFO', body: 'order placed', attributes: { 'http.status': 200 } });
logger.emit({ timestamp: start + 1, severityNumber: 17, severityText: 'ERROR', body: 'payment declined',
  attributes: { 'http.status': 502, retry: true } });
logger.emit({ timestamp: start + 2, body: { items: [1, 2], total: 9.5 } });
await provider.shutdown();
process.exit(failed);

// usage: winston_loki.mjs URL protobuf|json
import winston from 'winston';
import LokiTransport from 'winston-loki';

const [host, mode] = process.argv.slice(2);
let failed = 0;
const transport = new LokiTransport({
  host,
  json: mode === 'json',
  batching: true,
  interval: 1,
  labels: { mode, job: 'winston' },
  useWinstonMetaAsLabels: false,
  format: winston.format.printf(({ message }) => message),
  timeout: 10000,
  onConnectionError: (error) => { console.error(error); failed = 1; },
});
const logger = winston.createLogger({ level: 'debug', transports: [transport] });
logger.info('order "17" placed\nfor <b>ümit</b>', { trace_id: '4bf92f3577b34da6' });
logger.error('disk full on sda1');
logger.warn('slow');
await transport.flush();
process.exit(failed);

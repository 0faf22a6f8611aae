import { performance } from 'node:perf_hooks';
import type { EventLoopDelay } from './event-loop-delay.ts';
import { counter, gauge, type Metric } from './exposition.ts';

const STARTED = performance.timeOrigin / 1_000;

/** What is known of the process, by the names that dashboards for Node have for it. */
export function processMetrics(delay: Pick<EventLoopDelay, 'percentile'>): Metric[] {
  const { user, system } = process.cpuUsage();
  const { rss, heapTotal, heapUsed, external } = process.memoryUsage();
  return [
    counter('process_cpu_user_seconds_total', 'CPU time in user mode, of all threads.', user / 1e6),
    counter('process_cpu_system_seconds_total', 'CPU time in system mode, of all threads.', system / 1e6),
    counter('process_cpu_seconds_total', 'CPU time, of all threads.', (user + system) / 1e6),
    gauge('process_start_time_seconds', 'When the hub started, in Unix time.', STARTED),
    gauge('process_resident_memory_bytes', 'Memory of the process.', rss),
    gauge('nodejs_heap_size_total_bytes', 'Memory that V8 has taken for objects.', heapTotal),
    gauge('nodejs_heap_size_used_bytes', 'Memory that objects take.', heapUsed),
    gauge(
      'nodejs_external_memory_bytes',
      'Memory of buffers and of other things outside the heap.',
      external,
    ),
    lag('nodejs_eventloop_lag_p50_seconds', 'Half of all delays were no longer', delay.percentile(50)),
    lag('nodejs_eventloop_lag_p90_seconds', '90 % of all delays were no longer', delay.percentile(90)),
    lag('nodejs_eventloop_lag_p99_seconds', '99 % of all delays were no longer', delay.percentile(99)),
    lag('nodejs_eventloop_lag_max_seconds', 'The longest delay', delay.percentile(100)),
    gauge('nodejs_version_info', 'The version of Node.', {
      label: 'version',
      values: [[process.version, 1]],
    }),
  ];
}

const lag = (name: string, what: string, seconds: number): Metric =>
  gauge(name, `${what}, of what was due in the event loop in the last half minute to minute.`, seconds);

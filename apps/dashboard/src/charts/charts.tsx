/** The drawn charts. The library is large, so this file is loaded when the first of them is shown. */
import {
  Area,
  AreaChart,
  Bar,
  BarChart,
  CartesianGrid,
  Line,
  LineChart,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';

/** One mark of the horizontal axis; a value is null where there is no data, which is not zero. */
export interface Point {
  readonly at: string;
  readonly [series: `s${number}`]: number | null;
}

export interface ChartProps {
  readonly points: readonly Point[];
  /** Names of `s0`, `s1` and so on. */
  readonly names: readonly string[];
  readonly colours?: readonly string[];
  readonly formatValue: (value: number) => string;
  readonly formatAxis: (value: number) => string;
  readonly formatAt: (at: string) => string;
  /** For the horizontal axis, where that has room for less. */
  readonly formatTick?: (at: string) => string;
  /** Values of the vertical axis; it chooses its own where there are none. */
  readonly ticks?: readonly number[];
}

const COLOURS = Array.from({ length: 8 }, (_, index) => `var(--chart-${index + 1})`);
const axis = {
  stroke: 'var(--line-strong)',
  tick: { fill: 'var(--ink-faint)', fontSize: 11 },
  tickLine: false,
};
/** From here on a line is thin, or it would be a band. */
const MANY_POINTS = 200;
const margin = { top: 8, right: 8, bottom: 0, left: 0 };

function colourOf({ colours = COLOURS }: ChartProps, index: number): string {
  return colours[index % colours.length] ?? 'var(--chart-8)';
}

function frame({ points, formatAxis, formatAt, formatTick = formatAt, ticks }: ChartProps) {
  return [
    <CartesianGrid key="grid" vertical={false} stroke="var(--line)" />,
    <XAxis
      key="x"
      dataKey="at"
      {...axis}
      tickFormatter={formatTick}
      minTickGap={28}
      interval="equidistantPreserveStart"
    />,
    <YAxis
      key="y"
      {...axis}
      axisLine={false}
      width={52}
      tickFormatter={formatAxis}
      allowDecimals={points.length > 0}
      {...(ticks && { ticks: [...ticks], domain: [0, ticks.at(-1) ?? 'auto'] })}
    />,
  ];
}

interface TipProps {
  readonly active?: boolean;
  readonly label?: string | number;
  readonly payload?: readonly {
    name?: unknown;
    value?: unknown;
    color?: string | undefined;
    dataKey?: unknown;
  }[];
}

function tip(chart: ChartProps) {
  return function Tip({ active, label, payload }: TipProps) {
    const shown = payload?.filter(({ value }) => typeof value === 'number' && value !== 0) ?? [];
    if (!active || shown.length === 0) return null;
    return (
      <div className="min-w-40 rounded-md border bg-raised px-3 py-2 text-xs shadow-float">
        <p className="mb-1 font-medium">{chart.formatAt(String(label))}</p>
        {[...shown]
          .sort((a, b) => Number(b.value) - Number(a.value))
          .map(({ name, value, color, dataKey }) => (
            <p key={String(dataKey)} className="flex items-center gap-2">
              <span className="size-2 rounded-sm" style={{ background: color }} />
              <span className="text-ink-soft">{String(name)}</span>
              <span className="ml-auto pl-3 tabular-nums">{chart.formatValue(Number(value))}</span>
            </p>
          ))}
      </div>
    );
  };
}

function Legend(chart: ChartProps) {
  return (
    <ul aria-hidden className="flex flex-wrap gap-x-3 gap-y-0.5 pt-1.5 text-ink-soft text-xs">
      {chart.names.map((name, index) => (
        <li key={name} className="flex items-center gap-1.5">
          <span className="size-2 rounded-sm" style={{ background: colourOf(chart, index) }} />
          {name}
        </li>
      ))}
    </ul>
  );
}

function Frame({ chart, children }: { chart: ChartProps; children: React.ReactElement }) {
  return (
    <div className="flex h-full flex-col">
      <div className="min-h-0 flex-1">
        <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 400, height: 200 }}>
          {children}
        </ResponsiveContainer>
      </div>
      {chart.names.length > 1 && <Legend {...chart} />}
    </div>
  );
}

/** Bars on top of one another: the parts of each day. */
export function StackedBars(chart: ChartProps) {
  return (
    <Frame chart={chart}>
      <BarChart data={[...chart.points]} margin={margin} accessibilityLayer>
        {frame(chart)}
        <Tooltip content={tip(chart) as never} cursor={{ fill: 'var(--sunken)' }} isAnimationActive={false} />
        {chart.names.map((name, index) => (
          <Bar
            key={name}
            dataKey={`s${index}`}
            name={name}
            stackId="all"
            fill={colourOf(chart, index)}
            isAnimationActive={false}
            maxBarSize={28}
          />
        ))}
      </BarChart>
    </Frame>
  );
}

/** Areas on top of one another. */
export function StackedAreas(chart: ChartProps) {
  return (
    <Frame chart={chart}>
      <AreaChart data={[...chart.points]} margin={margin} accessibilityLayer>
        {frame(chart)}
        <Tooltip content={tip(chart) as never} isAnimationActive={false} />
        {chart.names.map((name, index) => (
          <Area
            key={name}
            dataKey={`s${index}`}
            name={name}
            stackId="all"
            type="stepAfter"
            // An outline of its own would paint a thin part over the thick ones.
            stroke="none"
            fill={colourOf(chart, index)}
            fillOpacity={0.85}
            isAnimationActive={false}
          />
        ))}
      </AreaChart>
    </Frame>
  );
}

/** Lines with a gap where there is no data. */
export function Lines(chart: ChartProps) {
  return (
    <Frame chart={chart}>
      <LineChart data={[...chart.points]} margin={margin} accessibilityLayer>
        {frame(chart)}
        <Tooltip content={tip(chart) as never} isAnimationActive={false} />
        {[...chart.names.entries()].reverse().map(([index, name]) => (
          <Line
            key={name}
            dataKey={`s${index}`}
            name={name}
            stroke={colourOf(chart, index)}
            strokeWidth={chart.points.length > MANY_POINTS ? 1 : 1.75}
            dot={false}
            connectNulls={false}
            isAnimationActive={false}
          />
        ))}
      </LineChart>
    </Frame>
  );
}

/** What has come together, the way it goes on (dashed), and the line it must not cross. */
export function CumulativeLine(
  chart: ChartProps & { readonly limit: number | null; readonly limitLabel: string },
) {
  return (
    <Frame chart={{ ...chart, names: [] }}>
      <AreaChart data={[...chart.points]} margin={margin} accessibilityLayer>
        {frame(chart)}
        <Tooltip content={tip(chart) as never} isAnimationActive={false} />
        <Area
          dataKey="s0"
          name={chart.names[0] ?? ''}
          stroke={colourOf(chart, 0)}
          strokeWidth={1.75}
          fill={colourOf(chart, 0)}
          fillOpacity={0.12}
          isAnimationActive={false}
        />
        <Area
          dataKey="s1"
          name={chart.names[1] ?? ''}
          stroke={colourOf(chart, 0)}
          strokeDasharray="4 4"
          fill="none"
          isAnimationActive={false}
        />
        {chart.limit !== null && (
          <ReferenceLine
            y={chart.limit}
            stroke="var(--bad)"
            strokeDasharray="6 3"
            ifOverflow="extendDomain"
            label={{
              value: chart.limitLabel,
              position: 'insideTopRight',
              fill: 'var(--bad)',
              fontSize: 11,
            }}
          />
        )}
      </AreaChart>
    </Frame>
  );
}

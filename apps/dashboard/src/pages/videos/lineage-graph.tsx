import dagre from '@dagrejs/dagre';
import type { AdminVideoDetail } from '@reelgate/contract/admin';
import { useNavigate } from '@tanstack/react-router';
import {
  Background,
  Controls,
  type Edge,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
} from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { clsx } from 'clsx';
import { useMemo } from 'react';
import { formatMoney } from '../../ui/format.ts';

type LineageNode = AdminVideoDetail['lineage'][number];
type Box = Node<{ readonly video: LineageNode }, 'video'>;

const WIDTH = 150;
const HEIGHT = 64;

/** The tree of what was made from what. Loaded when somebody looks: it brings a layout engine. */
export default function LineageGraph({ lineage }: { lineage: readonly LineageNode[] }) {
  const navigate = useNavigate();
  const { nodes, edges } = useMemo(() => layOut(lineage), [lineage]);
  return (
    <div className="h-72 rounded-md border">
      <ReactFlow<Box, Edge>
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        fitView
        fitViewOptions={{ maxZoom: 1, padding: 0.15 }}
        minZoom={0.2}
        nodesConnectable={false}
        nodesDraggable={false}
        colorMode="system"
        onNodeClick={(_, { id }) => void navigate({ to: '/videos/$videoId', params: { videoId: id } })}
      >
        <Background gap={20} />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}

function VideoBox({ data: { video } }: NodeProps<Box>) {
  return (
    <div
      className={clsx(
        'h-16 w-[150px] cursor-pointer rounded-md border bg-raised px-2.5 py-1.5 text-left',
        video.distance === 0 && 'border-accent ring-1 ring-accent',
        video.deleted && 'border-dashed opacity-70',
      )}
    >
      {/* Where lines begin and end; without them there are none. */}
      <Handle type="target" position={Position.Left} isConnectable={false} className="invisible" />
      <Handle type="source" position={Position.Right} isConnectable={false} className="invisible" />
      <p className="flex justify-between text-xs">
        <span className="font-medium">{video.operation}</span>
        <span className="text-ink-soft tabular-nums">{formatMoney(video.cost_micro_usd)}</span>
      </p>
      <p className="truncate font-mono text-2xs text-ink-faint">{video.id}</p>
      <p className="text-2xs text-ink-soft">{video.deleted ? 'deleted' : video.status}</p>
    </div>
  );
}

const NODE_TYPES = { video: VideoBox };

function layOut(lineage: readonly LineageNode[]): { nodes: Box[]; edges: Edge[] } {
  const graph = new dagre.graphlib.Graph()
    .setGraph({ rankdir: 'LR', nodesep: 16, ranksep: 48 })
    .setDefaultEdgeLabel(() => ({}));
  const ids = new Set(lineage.map(({ id }) => id));
  for (const { id } of lineage) graph.setNode(id, { width: WIDTH, height: HEIGHT });
  const edges = lineage.flatMap(({ id, parent_id }) =>
    parent_id !== null && ids.has(parent_id)
      ? [{ id: `${parent_id} ${id}`, source: parent_id, target: id }]
      : [],
  );
  for (const { source, target } of edges) graph.setEdge(source, target);
  dagre.layout(graph);
  const nodes = lineage.map((video): Box => {
    const { x, y } = graph.node(video.id);
    return {
      id: video.id,
      type: 'video',
      data: { video },
      position: { x: x - WIDTH / 2, y: y - HEIGHT / 2 },
      width: WIDTH,
      height: HEIGHT,
      sourcePosition: Position.Right,
      targetPosition: Position.Left,
    };
  });
  return { nodes, edges };
}

"use strict";
// The interactive arm of a report: the forward pass of the trained network, planar forward kinematics, and a target to
// drag. The SVG is drawn in metres with the y axis up. The script loads nothing.
(() => {
  const data = JSON.parse(document.getElementById("arm-data").textContent);
  const figure = document.getElementById("arm-figure");

  // --- The network -----------------------------------------------------------------------------------------------
  // Weights are little-endian float32 in base64, with the batch norm of each layer folded in.
  const decode = (text) => {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    return Float64Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
  };
  const layers = data.layers.map((l) => ({ ...l, weight: decode(l.weight), bias: decode(l.bias) }));
  const sigmoid = (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
  const activations = {
    linear: (x) => x,
    relu: (x) => Math.max(x, 0),
    leaky_relu: (x) => (x >= 0 ? x : 0.01 * x),
    sigmoid,
    tanh: Math.tanh,
    silu: (x) => x * sigmoid(x),
  };
  const softmax = (values) => {
    const top = Math.max(...values);
    const powers = values.map((v) => Math.exp(v - top));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((p) => p / sum);
  };
  const forward = (inputs) => {
    let values = inputs.map((x, i) => (x - data.inputs.shift[i]) / data.inputs.scale[i]);
    for (const layer of layers) {
      const next = [];
      for (let row = 0; row < layer.outputs; row++) {
        let sum = layer.bias[row];
        for (let i = 0; i < layer.inputs; i++) sum += layer.weight[row * layer.inputs + i] * values[i];
        next.push(sum);
      }
      values = layer.activation === "softmax" ? softmax(next) : next.map(activations[layer.activation]);
    }
    return values;
  };
  // Raw outputs to joint positions: tanh if bounded, otherwise the target scaling.
  const joints = (raw) =>
    raw.map((value, i) => {
      const { middle, half, lower, upper, bounded } = data.outputs[i];
      const q = middle + half * (bounded ? Math.tanh(value) : value);
      return Math.min(Math.max(q, lower ?? -Infinity), upper ?? Infinity);
    });

  // --- The forward kinematics ------------------------------------------------------------------------------------
  // Each constant transform is [a, b, c, d, x, y]: the matrix [[a, b], [c, d]] and a translation [m].
  const chain = (q) => {
    let frame = [1, 0, 0, 1, 0, 0];
    const points = [[0, 0]];
    const step = ([a, b, c, d, x, y], [e, f, g, h, u, v]) => [
      a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h, a * u + b * v + x, c * u + d * v + y,
    ];
    data.offsets.forEach((offset, joint) => {
      frame = step(frame, offset);
      points.push([frame[4], frame[5]]);
      if (joint < q.length) {
        const [cos, sin] = [Math.cos(q[joint]), Math.sin(q[joint])];
        frame = step(frame, [cos, -sin, sin, cos, 0, 0]);
      }
    });
    return points;
  };
  const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);

  // Of several heads, choose the one with the tool closest to the target.
  const predict = (x, y) => {
    const raw = forward([x, y]);
    const dof = data.outputs.length / data.heads;
    let best = null;
    for (let head = 0; head < data.heads; head++) {
      const q = joints(raw).slice(head * dof, (head + 1) * dof);
      const points = chain(q);
      const error = distance(points[points.length - 1], [x, y]);
      if (best === null || error < best.error) best = { q, points, error };
    }
    return best;
  };

  // --- The figure ------------------------------------------------------------------------------------------------
  const space = "http://www.w3.org/2000/svg";
  const make = (tag, attributes, parent) => {
    const element = document.createElementNS(space, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    parent.appendChild(element);
    return element;
  };
  const { low, high, square, reach, hole } = data;
  const size = high - low;
  const thin = size / 400;
  const svg = make("svg", {
    viewBox: `${low} ${-high} ${size} ${size}`, width: 560, height: 560, tabindex: 0, role: "application",
    "aria-label": "Drag the target, or move it with the arrow keys; the arm follows",
    style: "max-width:100%;height:auto;touch-action:none;cursor:crosshair;border:1px solid #d8d8d8",
  }, figure);
  const plane = make("g", { transform: "scale(1,-1)" }, svg);
  make("circle", { cx: 0, cy: 0, r: reach, fill: "#eef0f2" }, plane);
  if (hole > 0) make("circle", { cx: 0, cy: 0, r: hole, fill: "#ffffff" }, plane);
  make("rect", {
    x: square[0], y: square[0], width: square[1] - square[0], height: square[1] - square[0], fill: "none",
    stroke: "#009E73", "stroke-width": 2 * thin, "stroke-dasharray": `${8 * thin} ${5 * thin}`,
  }, plane);
  const error = make("line", { stroke: "#6B6B6B", "stroke-width": 2 * thin, "stroke-dasharray": `${3 * thin}` }, plane);
  const links = make("polyline", {
    fill: "none", stroke: "#0072B2", "stroke-width": 8 * thin, "stroke-linejoin": "round", "stroke-linecap": "round",
  }, plane);
  const dots = make("g", { fill: "#1a1a1a" }, plane);
  const target = make("g", { stroke: "#D55E00", "stroke-width": 3 * thin, fill: "none" }, plane);
  make("circle", { r: 9 * thin, fill: "#ffffff", "fill-opacity": 0.6 }, target);
  for (const [dx, dy] of [[1, 0], [0, 1]]) {
    make("line", { x1: -15 * thin * dx, y1: -15 * thin * dy, x2: 15 * thin * dx, y2: 15 * thin * dy }, target);
  }
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  status.className = "arm-status";
  figure.appendChild(status);

  let [x, y] = data.target;
  const draw = () => {
    const found = predict(x, y);
    const tool = found.points[found.points.length - 1];
    links.setAttribute("points", found.points.map((p) => p.join(",")).join(" "));
    dots.replaceChildren();
    for (const [cx, cy] of found.points) make("circle", { cx, cy, r: 6 * thin }, dots);
    for (const [name, value] of Object.entries({ x1: x, y1: y, x2: tool[0], y2: tool[1] })) {
      error.setAttribute(name, value);
    }
    target.setAttribute("transform", `translate(${x},${y})`);
    const r = Math.hypot(x, y);
    const inside = [x, y].every((v) => v >= square[0] - 1e-9 && v <= square[1] + 1e-9);
    const state = r > reach || r < hole ? "✗ unreachable" : inside ? "✓ in the training square" : "! outside the training square";
    const angles = found.q.map((value, i) => `θ${i + 1} ${value.toFixed(3)}`).join(", ");
    status.textContent =
      `target (${x.toFixed(2)}, ${y.toFixed(2)}) m, ${state}; predicted ${angles} rad; tool at ` +
      `(${tool[0].toFixed(3)}, ${tool[1].toFixed(3)}) m, position error ${(1e3 * found.error).toFixed(1)} mm`;
  };
  const move = (toX, toY) => {
    [x, y] = [toX, toY].map((value) => Math.min(Math.max(value, low), high));
    draw();
  };
  const drag = (event) => {
    const box = svg.getBoundingClientRect();
    move(low + (size * (event.clientX - box.left)) / box.width, high - (size * (event.clientY - box.top)) / box.height);
  };
  svg.addEventListener("pointerdown", (event) => {
    svg.setPointerCapture(event.pointerId);
    drag(event);
  });
  svg.addEventListener("pointermove", (event) => event.buttons && drag(event));
  svg.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 0.1 : 0.01;
    const steps = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    if (!(event.key in steps)) return;
    event.preventDefault();
    move(x + steps[event.key][0], y + steps[event.key][1]);
  });
  draw();
  figure.hidden = false;
  // For the browser console and the tests.
  window.kinverse = { predict: (atX, atY) => predict(atX, atY).q, reached: (atX, atY) => predict(atX, atY).points.at(-1), move };
})();

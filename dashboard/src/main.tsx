import "./workers";
import "./styles";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { Explorer } from "./explorer";

createRoot(document.getElementById("explorer")!).render(
  <StrictMode>
    <Explorer />
  </StrictMode>,
);

export { App } from "./App.tsx";
import "./styles/index.css";

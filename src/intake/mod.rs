//! The door for whatever watches a team's services: alerts, deployments and heartbeats over HTTP.

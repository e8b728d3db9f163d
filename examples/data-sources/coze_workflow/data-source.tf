data "coze_workspace" "desk" {
  name = "客服空间"
}

data "coze_workflow" "refund" {
  workspace = data.coze_workspace.desk.id
  name      = "refund_flow"
}

# Bots take the ids of workflows: workflows = [data.coze_workflow.refund.id]

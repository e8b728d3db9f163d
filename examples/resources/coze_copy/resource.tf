data "coze_workspace" "staging" {
  name = "客服空间-测试"
}

data "coze_workspace" "prod" {
  name = "客服空间"
}

data "coze_workflow" "refund" {
  workspace = data.coze_workspace.staging.id
  name      = "refund_flow"
}

# Raise the revision to have the workflow copied again, as it is then.
resource "coze_copy" "refund" {
  type      = "workflow"
  source    = { workflow = data.coze_workflow.refund.id }
  workspace = data.coze_workspace.prod.id
  revision  = "2026-11-20"
}

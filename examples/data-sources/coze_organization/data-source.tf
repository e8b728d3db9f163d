data "coze_organization" "sales" {
  enterprise = "volcano_2105850001"
  name       = "市场部"
}

# Workspaces take the ids of organizations: organization = data.coze_organization.sales.id
